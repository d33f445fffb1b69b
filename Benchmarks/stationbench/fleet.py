"""Devices whose messages carry a mark: a number and the time at which they were published."""

from __future__ import annotations

import re
import time
from typing import Callable, Optional

from .agent import Agent
from .broker import Broker
from .child import BenchmarkError
from .mqtt import MQTTClient

MARK = re.compile(rb"bench:(\d+):(\d+)")
"""The mark in any message: its number and `time.perf_counter_ns()`, which all processes share."""
_STATION = "bench-station"
_LIMIT = 60.0


class Fleet(MQTTClient):
    """So many devices of a type, all online, over one connection."""

    def __init__(self, agent: Agent, broker: Broker, count: int, kind: str) -> None:
        self._names = [f"bench-{number:03}" for number in range(count)]
        for name in self._names:
            agent.request("POST", "/api/devices", {"name": f"Device {name}", "type": kind, "externalId": name})
        super().__init__(broker.port, "bench-fleet")
        for name in self._names:
            handshake = f'{{"type":"{kind}","firmwareVersion":"0.1.32","chip":"esp32"}}'
            self.publish(self._topic(name, "handshake"), handshake.encode())
        deadline = time.perf_counter() + _LIMIT
        while any(device["status"] != "online" for device in agent.get("/api/devices")):
            if time.perf_counter() > deadline:
                raise BenchmarkError(f"not all of {count} devices were online after {_LIMIT:.0f} s")
            time.sleep(0.05)

    @staticmethod
    def _topic(name: str, suffix: str) -> str:
        return f"station/{_STATION}/device/{name}/{suffix}"

    def send_states(self, count: int, rate: float) -> float:
        """Each device in turn reports its state; see `_send`."""
        return self._send("state", count, rate, lambda number, mark: (
            f'{{"state":{{"temperature":{20 + number % 97 / 10:.1f},"humidity":{40 + number % 31},"mark":"{mark}"}}}}'
        ))

    def send_events(self, count: int, rate: float, each_second: Optional[Callable[[], None]] = None) -> float:
        """Each device in turn tells of an event; see `_send`."""
        return self._send("event", count, rate, lambda _, mark: (
            f'{{"event":"device_event","data":{{"action":"motion_detected","mark":"{mark}"}}}}'
        ), each_second)

    def _send(
        self,
        suffix: str,
        count: int,
        rate: float,
        payload: Callable[[int, str], str],
        each_second: Optional[Callable[[], None]] = None,
    ) -> float:
        """Publishes with QoS 0 at an even rate. What is late is sent at once; its mark tells when that was.

        Returns the rate that was achieved.
        """
        topics = [self._topic(name, suffix) for name in self._names]
        start = time.perf_counter()
        next_call = start + 1
        for number in range(count):
            due = start + number / rate
            if each_second is not None and due >= next_call:
                each_second()
                next_call += 1
            while (left := due - time.perf_counter()) > 0:
                time.sleep(left)
            mark = f"bench:{number}:{time.perf_counter_ns()}"
            self.publish(topics[number % len(topics)], payload(number, mark).encode())
        return count / (time.perf_counter() - start + 1 / rate)
