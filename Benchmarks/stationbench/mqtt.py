"""Just enough of MQTT 3.1.1 to publish and to receive, over a blocking socket."""

from __future__ import annotations

import socket
import struct
from typing import List, Optional, Tuple, TypeVar

from .child import BenchmarkError

_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK, _DISCONNECT = 1, 2, 3, 4, 8, 9, 14
_READ_SIZE = 65536

AnyClient = TypeVar("AnyClient", bound="MQTTClient")


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    header = bytearray([kind << 4 | flags])
    length = len(body)
    while True:
        length, digit = divmod(length, 128)
        header.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(header) + body


class MQTTClient:
    """A connection with a clean session and without keep-alive; a context manager."""

    def __init__(
        self, port: int, client_id: str, timeout: float = 10, username: str = "", password: str = ""
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._packet_id = 0
        self._buffer = bytearray()
        login = _text(username) + _text(password) if username else b""
        flags = 0xC2 if username else 2
        self._socket.sendall(_packet(_CONNECT, 0, _text("MQTT") + bytes([4, flags, 0, 0]) + _text(client_id) + login))
        body = self._await(_CONNACK)
        if body[1] != 0:
            raise BenchmarkError(f"the broker refused {client_id} with code {body[1]}")

    def __enter__(self: AnyClient) -> AnyClient:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._socket.sendall(_packet(_DISCONNECT, 0, b""))
        except OSError:
            pass  # the broker has gone before us
        self._socket.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publishes with QoS 0: returns when the kernel has it."""
        self._socket.sendall(_packet(_PUBLISH, 0, _text(topic) + payload))

    def subscribe(self, topic: str) -> None:
        """Subscribes with QoS 0 and waits for the broker's answer."""
        self._packet_id += 1
        self._socket.sendall(_packet(_SUBSCRIBE, 2, struct.pack("!H", self._packet_id) + _text(topic) + b"\0"))
        self._await(_SUBACK)

    def receive(self) -> Tuple[str, bytes]:
        """Waits for a message with QoS 0: its topic and payload."""
        body = self._await(_PUBLISH)
        length = struct.unpack_from("!H", body)[0]
        return body[2 : 2 + length].decode(), body[2 + length :]

    def wait_until_closed(self) -> None:
        """Waits until the broker has ended the connection."""
        try:
            while self._socket.recv(_READ_SIZE):
                pass
        except ConnectionResetError:
            pass

    def fileno(self) -> int:
        """For select(2) and epoll(7)."""
        return self._socket.fileno()

    def take(self) -> List[bytes]:
        """Reads once, waiting if nothing has come yet: the payloads of the messages that are complete now."""
        self._fill()
        payloads = []
        while (packet := self._next()) is not None:
            kind, body = packet
            if kind == _PUBLISH:
                payloads.append(body[2 + struct.unpack_from("!H", body)[0] :])
        return payloads

    def _await(self, kind: int) -> bytes:
        """The body of the next packet of a kind; others are passed over."""
        while True:
            packet = self._next()
            if packet is None:
                self._fill()
            elif packet[0] == kind:
                return packet[1]

    def _next(self) -> Optional[Tuple[int, bytes]]:
        """Takes the next packet that has been read as a whole: its kind and body."""
        length = shift = 0
        for end in range(2, 6):
            if len(self._buffer) < end:
                return None
            digit = self._buffer[end - 1]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                break
        if len(self._buffer) < end + length:
            return None
        kind, body = self._buffer[0] >> 4, bytes(self._buffer[end : end + length])
        del self._buffer[: end + length]
        return kind, body

    def _fill(self) -> None:
        part = self._socket.recv(_READ_SIZE)
        if not part:
            raise BenchmarkError("the broker closed the connection")
        self._buffer += part
