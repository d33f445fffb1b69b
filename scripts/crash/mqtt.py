"""As much of MQTT 3.1.1 as a device needs that reports with QoS 1."""

import socket
import struct


class Refused(Exception):
    """The broker does not let somebody in."""

    def __init__(self, code):
        super().__init__(f"CONNACK {code}")
        self.code = code


def _text(value):
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def _packet(kind, body):
    length, size = b"", len(body)
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (128 if size else 0)])
        if not size:
            return bytes([kind]) + length + body


class Connection:
    """One connection with a clean session; every call blocks at most `timeout` seconds."""

    def __init__(self, port, name, token, timeout=5.0):
        self._number = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = _text("MQTT") + bytes([4, 0xC2]) + struct.pack("!H", 60)
            self._socket.sendall(_packet(0x10, head + _text(name) + _text(name) + _text(token)))
            kind, body = self._receive()
            if kind & 0xF0 != 0x20 or len(body) != 2:
                raise OSError("that is no CONNACK")
            if body[1]:
                raise Refused(body[1])
        except BaseException:
            self._socket.close()
            raise

    def publish(self, topic, payload):
        """Returns once the broker has answered for the message."""
        self._number = self._number % 65535 + 1
        number = struct.pack("!H", self._number)
        self._socket.sendall(_packet(0x32, _text(topic) + number + payload))
        while True:
            kind, body = self._receive()
            if kind & 0xF0 == 0x40 and body == number:
                return

    def close(self):
        try:
            self._socket.sendall(b"\xe0\x00")
        except OSError:
            pass
        self._socket.close()

    def _receive(self):
        kind = self._exactly(1)[0]
        length, shift = 0, 0
        while True:
            digit = self._exactly(1)[0]
            length |= (digit & 127) << shift
            if digit < 128:
                return kind, self._exactly(length)
            shift += 7

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise OSError("the broker has closed the connection")
            data += part
        return data


def is_let_in(port, name, token):
    """Whether the broker lets somebody in who shows this; None when it cannot be asked."""
    try:
        Connection(port, name, token).close()
        return True
    except Refused:
        return False
    except OSError:
        return None
