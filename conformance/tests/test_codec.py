"""The suite's own codec against the specification's vectors: `python3 -m unittest` in conformance/."""

import json
import os
import unittest

from suite import bsatn, messages
from suite.bsatn import Malformed, Reader

VECTORS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "spec", "vectors")


def load(name):
    with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
        return json.load(file)


def read(hexadecimal):
    reader = Reader(bytes.fromhex(hexadecimal))
    message = messages.read_server_message(reader)
    reader.end()
    return message


class CodecTest(unittest.TestCase):
    def test_client_messages_are_the_vectors_bytes(self):
        vectors = [v for v in load("client-v2-bsatn.json")["vectors"] if v["direction"] == "client"]
        self.assertGreater(len(vectors), 15)
        for vector in vectors:
            with self.subTest(vector["id"]):
                written = messages.client_from_notation(vector["message"])
                self.assertEqual(vector["hex"], written.hex())

    def test_server_messages_read_as_the_vectors_say(self):
        vectors = [v for v in load("client-v2-bsatn.json")["vectors"] if v["direction"] == "server"]
        self.assertGreater(len(vectors), 15)
        for vector in vectors:
            with self.subTest(vector["id"]):
                self.assertEqual(vector["message"], read(vector["hex"]))

    def test_v3_frames(self):
        known = {v["id"]: v["message"] for v in load("client-v2-bsatn.json")["vectors"]}
        for vector in load("client-v3-frames.json")["vectors"]:
            if "expect" in vector:
                continue
            with self.subTest(vector["description"]):
                expected = [known[m] if isinstance(m, str) else m for m in vector["messages"]]
                payload = bytes.fromhex(vector["payload_hex"])
                if vector["direction"] == "server":
                    self.assertEqual(expected, messages.Payload(payload).messages)
                else:
                    written = b"".join(messages.client_from_notation(m) for m in expected)
                    self.assertEqual(payload.hex(), written.hex())

    def test_subscribe_batch(self):
        vectors = load("since-2.8.json")["client_messages"]
        self.assertEqual(
            [v["hex"] for v in vectors if v["direction"] == "client"],
            [
                messages.subscribe_batch(1, (7, "SELECT * FROM t")).hex(),
                messages.subscribe_batch(258).hex(),
                messages.subscribe_batch(2, (7, "SELECT * FROM a", "SELECT * FROM b"), (8,)).hex(),
            ],
        )
        applied = read([v["hex"] for v in vectors if v["direction"] == "server"][1])
        first, second = applied["SubscribeBatchApplied"]["results"]
        table = first["outcome"]["Applied"]["tables"][0]
        self.assertEqual(["01000000", "02000000"], [r.hex() for r in messages.rows(table["rows"])])
        self.assertEqual({"Error": "no such table"}, second["outcome"])

    def test_row_lists(self):
        for vector in load("client-row-lists.json")["vectors"]:
            with self.subTest(vector["description"]):
                reader = Reader(bytes.fromhex(vector["hex"]))
                row_list = messages._row_list(reader)
                reader.end()
                self.assertEqual(vector["expected_hint"], row_list["size_hint"])
                self.assertEqual(vector["row_hex"], [r.hex() for r in messages.rows(row_list)])

    def test_envelopes(self):
        for vector in load("client-envelope.json")["vectors"]:
            payload = bytes.fromhex(vector["example_payload_hex"])
            with self.subTest(vector["description"], tag=payload[0]):
                if payload[0] == 1:
                    self.assertRaises(Malformed, messages.Payload, payload)
                else:
                    self.assertEqual(vector["body_length"], messages.Payload(payload).size)

    def test_malformed_bytes_are_refused(self):
        for hexadecimal in ("ff", "", "01", "0101000000", "000000", "0400000001"):
            with self.subTest(hexadecimal):
                self.assertRaises(Malformed, read, hexadecimal)
        for row_list in (
            {"size_hint": {"FixedSize": 3}, "rows_data": "01020304"},
            {"size_hint": {"RowOffsets": [0, 9]}, "rows_data": "01020304"},
            {"size_hint": {"RowOffsets": [1]}, "rows_data": "01020304"},
            {"size_hint": {"RowOffsets": []}, "rows_data": "01020304"},
        ):
            self.assertRaises(Malformed, messages.rows, row_list)
        self.assertEqual(b"\x02\0\0\0\xc3\xa9", bsatn.text("é"))


if __name__ == "__main__":
    unittest.main()
