"""BSATN scalars, strings and lengths. Source: docs/spec/client-protocol.md section 1."""

import struct


class Malformed(Exception):
    """Bytes that are no value of the type they were read at."""


class Reader:
    def __init__(self, data, at=0):
        self.data = bytes(data)
        self.at = at

    @property
    def left(self):
        return len(self.data) - self.at

    def raw(self, count):
        if count > self.left:
            raise Malformed(f"needs {count} bytes at offset {self.at}, {self.left} left")
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def uint(self, width):
        return int.from_bytes(self.raw(width), "little")

    def u8(self):
        return self.uint(1)

    def u16(self):
        return self.uint(2)

    def u32(self):
        return self.uint(4)

    def u64(self):
        return self.uint(8)

    def i64(self):
        return int.from_bytes(self.raw(8), "little", signed=True)

    def boolean(self):
        value = self.u8()
        if value > 1:
            raise Malformed(f"bool is {value}")
        return value == 1

    def blob(self):
        return self.raw(self.u32())

    def text(self):
        try:
            return self.blob().decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(str(error)) from error

    def array(self, element):
        return [element() for _ in range(self.u32())]

    def end(self):
        if self.left:
            raise Malformed(f"{self.left} bytes too many")


def u8(value):
    return struct.pack("<B", value)


def u16(value):
    return struct.pack("<H", value)


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def i64(value):
    return struct.pack("<q", value)


def blob(value):
    return u32(len(value)) + value


def text(value):
    return blob(value.encode("utf-8"))


def array(elements):
    elements = list(elements)
    return u32(len(elements)) + b"".join(elements)
