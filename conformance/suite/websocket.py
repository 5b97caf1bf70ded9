"""A WebSocket client over a plain socket, RFC 6455, that shows every byte and can misbehave."""

import base64
import hashlib
import os
import socket
import struct
import time
import urllib.parse

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Closed(Exception):
    """The server ended the connection: a close code, or None where the TCP connection just ended."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason!r}" if code else "connection dropped")
        self.code = code
        self.reason = reason


class TimedOut(Exception):
    """Nothing came in time."""


class Response:
    def __init__(self, status, headers, body=b""):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The value of a header, or None; several lines joined."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


class WebSocket:
    """One connection; `open` gives the answer to the upgrade, whether it is 101 or not."""

    def __init__(self, url, timeout):
        self.url = urllib.parse.urlsplit(url)
        self.timeout = timeout
        self.socket = None
        self.buffer = b""
        self.accept = None
        self.pings = []
        self.pongs = []

    def open(self, path, headers, method="GET", body=b""):
        self.socket = socket.create_connection(
            (self.url.hostname, self.url.port or 80), timeout=self.timeout
        )
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.url.netloc}"]
        lines += [f"{key}: {value}" for key, value in headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        try:
            self.socket.sendall(body)
        except ConnectionError:
            pass  # An answer may come, and the connection end, before the body was read.
        return self._response(method)

    def stream(self, path, headers, deadline):
        """The lines of a GET's answer as they come, until it ends."""
        self.socket = socket.create_connection(
            (self.url.hostname, self.url.port or 80), timeout=self.timeout
        )
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.url.netloc}"]
        lines += [f"{key}: {value}" for key, value in headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

        def line(end):
            while end not in self.buffer:
                self._fill(deadline)
            taken, self.buffer = self.buffer.split(end, 1)
            return taken

        head = line(b"\r\n\r\n").decode("latin-1").lower()
        if not head.startswith("http/1.1 200 "):
            raise AssertionError(head)
        chunked = "transfer-encoding: chunked" in head
        text = b""
        while True:
            while b"\n" in text:
                first, text = text.split(b"\n", 1)
                yield first.decode("utf-8")
            if chunked:
                size = int(line(b"\r\n").split(b";")[0], 16)
                text += self._take(size + 2, deadline)[:-2]
                if size == 0:
                    return
            else:
                self._fill(deadline)
                text, self.buffer = text + self.buffer, b""

    @staticmethod
    def upgrade_headers(*protocols):
        key = base64.b64encode(os.urandom(16)).decode()
        headers = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
        ]
        return headers + [("Sec-WebSocket-Protocol", protocol) for protocol in protocols]

    @staticmethod
    def accept_for(headers):
        key = dict(headers)["Sec-WebSocket-Key"]
        return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimedOut()
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except (socket.timeout, TimeoutError) as error:
            raise TimedOut() from error
        except ConnectionError as error:
            raise Closed(None) from error
        if not data:
            raise Closed(None)
        self.buffer += data

    def _take(self, count, deadline):
        while len(self.buffer) < count:
            self._fill(deadline)
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _response(self, method):
        deadline = time.monotonic() + self.timeout
        while b"\r\n\r\n" not in self.buffer:
            self._fill(deadline)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        response = Response(int(lines[0].split(" ")[1]), headers)
        if response.status not in (101, 204) and method != "HEAD":
            response.body = self._body(response, deadline)
        return response

    def _body(self, response, deadline):
        length = response.header("content-length")
        if length is not None:
            return self._take(int(length), deadline)
        if (response.header("transfer-encoding") or "").lower() == "chunked":
            body = b""
            while True:
                while b"\r\n" not in self.buffer:
                    self._fill(deadline)
                size, self.buffer = self.buffer.split(b"\r\n", 1)
                chunk = self._take(int(size.split(b";")[0], 16) + 2, deadline)[:-2]
                if not chunk:
                    return body
                body += chunk
        try:
            while True:
                self._fill(deadline)
        except Closed:
            return self.buffer

    def send_frame(self, opcode, payload=b"", fin=True, masked=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        mask_bit = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([mask_bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([mask_bit | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([mask_bit | 127]) + struct.pack(">Q", len(payload))
        if masked:
            # A zero mask is a mask, and spares a pass over large payloads in Python.
            mask = bytes(4) if len(payload) > 65536 else os.urandom(4)
            head += mask
            if any(mask):
                payload = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
        self.socket.settimeout(self.timeout)
        try:
            self.socket.sendall(head + payload)
        except (ConnectionError, socket.timeout, TimeoutError) as error:
            raise Closed(None) from error

    def send(self, payload):
        self.send_frame(BINARY, payload)

    def frame(self, deadline):
        """The next frame: (final, opcode, payload)."""
        first, second = self._take(2, deadline)
        if first & 0x70:
            raise AssertionError(f"reserved bits in frame head {first:#x}: no extension was agreed")
        if second & 0x80:
            raise AssertionError("a server must not mask")
        length = second & 0x7F
        if length == 126:
            length = struct.unpack(">H", self._take(2, deadline))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._take(8, deadline))[0]
        return bool(first & 0x80), first & 0x0F, self._take(length, deadline)

    def receive(self, timeout=None):
        """The next data message: (opcode, payload). Answers pings; a close raises Closed."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        kind, parts = None, []
        while True:
            final, opcode, payload = self.frame(deadline)
            if opcode == PING:
                self.pings.append(payload)
                self.send_frame(PONG, payload)
            elif opcode == PONG:
                self.pongs.append(payload)
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                reason = payload[2:].decode("utf-8")
                try:
                    self.send_frame(CLOSE, payload[:2])
                except Closed:
                    pass
                raise Closed(code, reason)
            else:
                if (opcode == CONTINUATION) != (kind is not None):
                    raise AssertionError(f"opcode {opcode} inside a fragmented message of {kind}")
                kind = kind if kind is not None else opcode
                parts.append(payload)
                if final:
                    return kind, b"".join(parts)

    def close(self):
        """Ends the TCP connection without a word."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None
