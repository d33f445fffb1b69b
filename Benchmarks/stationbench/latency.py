"""(b) From publishing to readable through HTTP, and to stored in SQLite."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import ExitStack
from typing import Dict, List

from .agent import Agent
from .broker import Broker
from .child import BenchmarkError
from .mqtt import MQTTClient
from .report import Section, milliseconds
from .simulator import Simulator
from .workplace import Workplace

_EXTERNAL_ID = "bench-probe"
_LIMIT = 30.0


def measure(work: Workplace) -> Section:
    """On an idle station, and with 1 000 messages a second of other devices."""
    section = Section("(b) publish → readable, publish → stored")
    for background in (0, 1000):
        name = f"{background}/s in the background" if background else "idle station"
        work.say(name)
        section.details[name] = _measure_with(work, section, name, background)
    return section


def _measure_with(work: Workplace, section: Section, name: str, background: int) -> Dict[str, List[float]]:
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("latency"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker))
        if background:
            simulator = stack.enter_context(Simulator(work.binary, agent.env, directory, 1000, background, 1))
            simulator.wait_for_load()
        probe = stack.enter_context(_Probe(agent, broker))
        count = work.pick(1000, 100)
        times = {
            "through the broker alone": _echo(broker, count),
            "HTTP request alone": [probe.time_of_a_request() for _ in range(count)],
            "publish → readable": [probe.time_until_readable() for _ in range(count)],
            "publish → stored": probe.times_until_stored(work.pick(200, 20), over=work.pick(60, 10)),
        }
    for what, seconds in times.items():
        section.add(*milliseconds(f"{name}: {what}", seconds))
    return times


def _echo(broker: Broker, count: int) -> List[float]:
    """Publisher → broker → subscriber, without the agent: what nobody can be faster than."""
    times = []
    with MQTTClient(broker.port, "bench-echo-in") as receiver, MQTTClient(broker.port, "bench-echo-out") as sender:
        receiver.subscribe("bench/echo")
        for _ in range(count):
            time.sleep(random.uniform(0.002, 0.01))
            begin = time.perf_counter()
            sender.publish("bench/echo", b"1")
            receiver.receive()
            times.append(time.perf_counter() - begin)
    return times


class _Probe(MQTTClient):
    """A device whose reports are looked for."""

    def __init__(self, agent: Agent, broker: Broker) -> None:
        self._agent = agent
        new = {"name": "Probe", "type": "climate", "externalId": _EXTERNAL_ID}
        device = json.loads(agent.request("POST", "/api/devices", new))["device"]
        self._path = f"/api/devices/{device['id']}"
        self._number = 0
        super().__init__(broker.port, _EXTERNAL_ID)
        self._handshake()

    def _handshake(self) -> None:
        topic = f"station/bench-station/device/{_EXTERNAL_ID}/handshake"
        self.publish(topic, b'{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32"}')
        deadline = time.perf_counter() + _LIMIT
        while self._agent.get(self._path)["status"] != "online":
            if time.perf_counter() > deadline:
                raise BenchmarkError(f"the probe's handshake had no effect within {_LIMIT:.0f} s")
            time.sleep(0.01)

    def _report(self) -> int:
        """Reports the next number, as a measured value."""
        self._number += 1
        payload = f'{{"state":{{"temperature":{self._number}}}}}'
        self.publish(f"station/bench-station/device/{_EXTERNAL_ID}/state", payload.encode())
        return self._number

    def time_of_a_request(self) -> float:
        """What one look costs."""
        time.sleep(random.uniform(0.002, 0.01))
        begin = time.perf_counter()
        self._agent.get(self._path)
        return time.perf_counter() - begin

    def time_until_readable(self) -> float:
        """Publishes and asks again and again."""
        time.sleep(random.uniform(0.005, 0.025))
        begin = time.perf_counter()
        number = self._report()
        while self._agent.get(self._path)["lastKnownState"].get("temperature") != number:
            if time.perf_counter() > begin + _LIMIT:
                raise BenchmarkError(f"report {number} was not readable within {_LIMIT:.0f} s")
        return time.perf_counter() - begin

    def times_until_stored(self, count: int, over: float) -> List[float]:
        """Publishes at random moments and looks into the database whenever it has changed."""
        store = self._agent.open_store()
        try:
            start = time.perf_counter()
            due = sorted(start + random.uniform(0, over) for _ in range(count))
            sent: Dict[int, float] = {}
            times: List[float] = []
            version = None
            while due or sent:
                now = time.perf_counter()
                if now > start + over + _LIMIT:
                    raise BenchmarkError(f"{len(sent)} of {count} reports were not stored within {_LIMIT:.0f} s")
                while due and due[0] <= now:
                    due.pop(0)
                    begin = time.perf_counter()
                    sent[self._report()] = begin
                # Changes when somebody else has committed; asking costs next to nothing.
                current = store.execute("PRAGMA data_version").fetchone()[0]
                if sent and current != version:
                    version = current
                    found = time.perf_counter()
                    for number in self._stored(store, min(sent)):
                        if number in sent:
                            times.append(found - sent.pop(number))
                time.sleep(0.002)
            return times
        finally:
            store.close()

    @staticmethod
    def _stored(store: sqlite3.Connection, first: int) -> List[int]:
        query = "SELECT value FROM readings WHERE external_id = ? AND key = 'temperature' AND value >= ?"
        return [int(value) for (value,) in store.execute(query, (_EXTERNAL_ID, first))]
