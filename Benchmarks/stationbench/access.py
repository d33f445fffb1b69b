"""(access) A broker that confines everybody: how long its logins take, what that costs it, and how fast the fronts are."""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import List, Tuple

from . import procfs
from .agent import Agent, agent_environment
from .broker import Broker
from .child import BenchmarkError, Child, free_port
from .mqtt import MQTTClient
from .report import Section, at_most, figure, must_be_zero
from .workplace import Workplace

_AGENT = "station-agent"


class EnforcedBroker(Broker):
    """Mosquitto as `station-agent broker init` sets it up."""

    def __init__(self, binary: Path, directory: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.directory = directory / "broker"
        (directory / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
        initialize(binary, directory / "data", self.directory, self.port)
        file = self.directory / "mosquitto.conf"
        Child.__init__(self, "mosquitto", ["mosquitto", "-c", str(file)], directory / "broker.log")
        self.wait_until_it_accepts(self.port)

    @property
    def file(self) -> Path:
        """The plugin's file of logins."""
        return self.directory / "dynsec.json"


def initialize(binary: Path, data: Path, directory: Path, port: int) -> float:
    """`broker init`; the seconds that it took."""
    begin = time.perf_counter()
    subprocess.run(
        [str(binary), "broker", "init", "--dir", str(directory), "--listen", f"127.0.0.1:{port}"],
        env={**os.environ, "DATA_DIR": str(data)}, check=True, stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - begin


def measure(work: Workplace) -> Section:
    """Many devices at once, one after the other, a restart, the file as a whole, and the fronts."""
    count = work.pick(1000, 200)
    section = Section(f"(access) A broker that confines {count} devices")
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("access"))
        broker = stack.enter_context(EnforcedBroker(work.binary, directory))
        password = json.loads((directory / "data" / "secrets.json").read_text())["brokerPassword"]
        with Agent(work.binary, directory, broker) as agent:
            _cycles(work, section, agent, broker)
            _many(work, section, agent, broker, password, count)
            _fronts(work, section, agent)
        with Agent(work.binary, directory, broker) as agent:
            _restart(section, agent)
        other = directory / "other"
        seconds = initialize(work.binary, directory / "data", other, free_port())
        size = (other / "dynsec.json").stat().st_size
        section.add(
            figure("whole file by broker init", seconds * 1000, "ms"),
            figure("whole file by broker init", size / 1e6, "MB", "written once"),
        )
    return section


def _many(
    work: Workplace, section: Section, agent: Agent, broker: EnforcedBroker, password: str, count: int
) -> None:
    """All devices are new at once; the broker goes on serving others meanwhile."""
    work.say(f"{count} devices")
    before = procfs.io(broker.pid)["write_bytes"]
    begin = time.perf_counter()
    pings = _Pings(broker.port, password)
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(
            [str(work.binary), "simulate", "--register", "--count", str(count), "--duration", "0.1"],
            env=agent_environment(agent.store.parent, broker), check=True, stdout=nowhere, stderr=nowhere,
        )
    with sqlite3.connect(f"file:{agent.store}?mode=ro", uri=True, timeout=10) as store:
        while store.execute("SELECT count(*) FROM devices WHERE broker_password IS NOT NULL").fetchone()[0]:
            time.sleep(0.1)
            if time.perf_counter() - begin > 600:
                raise BenchmarkError("the broker does not know all devices after 600 s")
    seconds = time.perf_counter() - begin
    delays = pings.stop()
    section.add(
        figure("all are let in after", seconds, "s"),
        figure("the broker wrote meanwhile", (procfs.io(broker.pid)["write_bytes"] - before) / 1e6, "MB"),
        figure("its file has then", broker.file.stat().st_size / 1e6, "MB"),
        figure("another client's message, p50", statistics.median(delays) * 1000, "ms"),
        figure("another client's message, p99", _percentile(delays, 0.99) * 1000, "ms"),
        figure("another client's message, longest", max(delays) * 1000, "ms"),
    )


class _Pings:
    """A client that sends itself a message every 10 ms."""

    def __init__(self, port: int, password: str) -> None:
        self._delays: List[float] = []
        self._is_over = threading.Event()
        self._client = MQTTClient(port, "bench-pings", username=_AGENT, password=password)
        self._client.subscribe("bench/ping")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.is_set():
            begin = time.perf_counter()
            self._client.publish("bench/ping", b"x")
            self._client.receive()
            self._delays.append(time.perf_counter() - begin)
            time.sleep(0.01)

    def stop(self) -> List[float]:
        """What each took, in seconds."""
        self._is_over.set()
        self._thread.join()
        self._client.__exit__()
        return self._delays


def _cycles(work: Workplace, section: Section, agent: Agent, broker: EnforcedBroker) -> None:
    """Devices come, connect, get a new token, connect again, and go while they are connected."""
    count = work.pick(500, 50)
    work.say(f"{count} times add, connect, renew, connect, remove")
    added: List[float] = []
    cut: List[float] = []
    for number in range(count):
        name = f"cycle-{number}"
        begin = time.perf_counter()
        answer = json.loads(agent.request("POST", "/api/devices", {"name": name, "externalId": name}))
        client = MQTTClient(broker.port, name, username=name, password=answer["token"])
        added.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        agent.request("DELETE", f"/api/devices/{answer['device']['id']}")
        client.wait_until_closed()
        cut.append(time.perf_counter() - begin)
    broker.require_running()
    section.add(
        figure("add, then connect: p50", statistics.median(added) * 1000, "ms"),
        figure("remove, until cut off: p99", _percentile(cut, 0.99) * 1000, "ms", f"{count} devices; the broker runs on"),
        at_most("remove, until cut off: longest", max(cut) * 1000, "ms", 1000),
    )


def _restart(section: Section, agent: Agent) -> None:
    """An agent that starts again finds all as it should be."""
    begin = time.perf_counter()
    while "confined" not in agent.get("/api/health")["checks"]["mqtt"]["detail"]:
        time.sleep(0.005)
        if time.perf_counter() - begin > 60:
            raise BenchmarkError("the broker is not as it should be after 60 s")
    section.add(
        figure("started again: compared after", (time.perf_counter() - begin) * 1000, "ms"),
        must_be_zero("commands sent then", agent.metrics().total("station_broker_commands_total")),
    )


def _fronts(work: Workplace, section: Section, agent: Agent) -> None:
    """500 questions a second over four kept connections."""
    device = json.loads(agent.request("POST", "/api/devices", {"name": "front", "externalId": "front"}))
    login = {"username": "front", "password": device["token"], "clientid": "front"}
    topic = {"username": "front", "clientid": "front", "acc": 2, "topic": "station/s/device/front/state"}
    seconds = work.pick(20, 4)
    for path, body in (("/mqtt/user", login), ("/mqtt/acl", topic), ("/mqtt/emqx/auth", login)):
        work.say(f"{path}")
        delays, faults = _ask(agent.port, path, json.dumps(body), 500, seconds)
        section.add(
            figure(f"{path} at 500/s, p50", statistics.median(delays) * 1000, "ms"),
            at_most(f"{path} at 500/s, p99", _percentile(delays, 0.99) * 1000, "ms", 20),
            must_be_zero(f"{path}, answers other than 200", faults),
        )


def _ask(port: int, path: str, body: str, rate: int, seconds: float) -> Tuple[List[float], int]:
    workers = 4
    found: List[Tuple[List[float], int]] = []

    def run(first: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        delays: List[float] = []
        faults = 0
        due = first
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            # From when it was due: waiting for the one before counts.
            delays.append(time.perf_counter() - due)
            faults += response.status != 200
            due += workers / rate
        connection.close()
        found.append((delays, faults))

    begin = time.perf_counter() + 0.05
    end = begin + seconds
    threads = [threading.Thread(target=run, args=(begin + index / rate,)) for index in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(found) != workers:
        raise BenchmarkError(f"{path} could not be asked")
    return [delay for delays, _ in found for delay in delays], sum(faults for _, faults in found)


def _percentile(values: List[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
