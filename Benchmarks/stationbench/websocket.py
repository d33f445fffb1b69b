"""Just enough of RFC 6455 to listen to `/ws`, over a blocking socket."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct
from typing import List, Optional, Tuple, TypeVar

from .child import BenchmarkError

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_ACCEPT_FIELD = b"sec-websocket-accept:"
_ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_READ_SIZE = 65536
_SMALL_BUFFER = 4096
_SMALL_SEGMENT = 536

AnyClient = TypeVar("AnyClient", bound="WebSocketClient")


class WebSocketClient:
    """A client of `/ws` that has been greeted, and so hears of everything from now on; a context manager."""

    def __init__(self, port: int, token: str, has_little_room: bool = False) -> None:
        """Connects.

        - `has_little_room`: the kernel holds little of what this client has not read, on either side; the agent soon
          notices that nobody reads.
        """
        self._buffer = bytearray()
        self._socket = socket.socket()
        try:
            self._socket.settimeout(30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if has_little_room:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
                # The sender's buffer is sized by the segments, which on the loopback are of 64 KiB.
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
            self._socket.connect(("127.0.0.1", port))
            self._open(port, token)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self: AnyClient) -> AnyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Goes without a word."""
        self._socket.close()

    def fileno(self) -> int:
        """For select(2) and epoll(7)."""
        return self._socket.fileno()

    def limit_waiting(self, seconds: float) -> None:
        """From now on, `take` raises `socket.timeout` after this time."""
        self._socket.settimeout(seconds)

    def take(self) -> List[bytes]:
        """Reads once, waiting if nothing has come yet: the texts that are complete now."""
        self._fill()
        return self._texts()

    def _open(self, port: int, token: str) -> None:
        key = base64.b64encode(os.urandom(16))
        lines = [
            "GET /ws HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key.decode()}", f"Authorization: Bearer {token}",
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        accept = base64.b64encode(hashlib.sha1(key + _ACCEPT_SUFFIX).digest())
        status, *fields = head.split(b"\r\n")
        answers = [field.partition(b":")[2].strip() for field in fields if field.lower().startswith(_ACCEPT_FIELD)]
        if b" 101" not in status or answers != [accept]:
            raise BenchmarkError(f"no WebSocket was opened: {head.decode(errors='replace')}")
        texts = self._texts()
        while not any(b'"hello"' in text for text in texts):
            texts = self.take()

    def _texts(self) -> List[bytes]:
        """Takes all frames that have been read as a whole; the agent sends no fragments."""
        texts = []
        begin = 0
        while (bounds := self._frame(begin)) is not None:
            kind, first, end = bounds
            if kind == _TEXT:
                texts.append(bytes(self._buffer[first:end]))
            elif kind == _PING:
                self._pong(bytes(self._buffer[first:end]))
            elif kind == _CLOSE:
                raise BenchmarkError(f"the agent closed the WebSocket: {bytes(self._buffer[first:end])!r}")
            elif kind != _PONG:
                raise BenchmarkError(f"the agent sent a frame of kind {kind}")
            begin = end
        del self._buffer[:begin]
        return texts

    def _frame(self, begin: int) -> Optional[Tuple[int, int, int]]:
        """The kind of the frame that begins here, where its payload begins and where it ends."""
        buffer = self._buffer
        if len(buffer) < begin + 2:
            return None
        length, first = buffer[begin + 1], begin + 2
        if length >= 126:
            form, size = ("!H", 2) if length == 126 else ("!Q", 8)
            if len(buffer) < first + size:
                return None
            (length,) = struct.unpack_from(form, buffer, first)
            first += size
        if len(buffer) < first + length:
            return None
        return buffer[begin] & 0x0F, first, first + length

    def _pong(self, data: bytes) -> None:
        # Masked with zeros, which leave the data as it is: nobody is between us and the agent.
        self._socket.sendall(bytes([0x80 | _PONG, 0x80 | len(data)]) + bytes(4) + data)

    def _fill(self) -> None:
        part = self._socket.recv(_READ_SIZE)
        if not part:
            raise BenchmarkError("the agent closed the connection")
        self._buffer += part
