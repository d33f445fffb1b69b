"""(api) Requests that the HTTP API answers, beside a bare Hummingbird route."""

from __future__ import annotations

import re
import statistics
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import List

from .agent import Agent
from .broker import Broker
from .child import BenchmarkError, Child, free_port
from .fleet import Fleet
from .report import Section, at_least, figure, must_be_zero
from .workplace import Workplace

_DEVICES = 100
_CONNECTIONS = 32
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass
class _Run:
    """What wrk told."""

    rate: float
    p50: float
    p99: float
    faults: int
    """Answers other than 2xx and 3xx, and errors of sockets."""


def measure(work: Workplace) -> Section:
    """`GET /api/devices` and `GET /hello` in turn, over 32 kept connections."""
    section = Section(f"(api) GET /api/devices with {_DEVICES} devices, beside a bare Hummingbird route")
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("api"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker))
        fleet = stack.enter_context(Fleet(agent, broker, _DEVICES, "climate"))
        fleet.send_states(_DEVICES, 500)
        hello = stack.enter_context(_HelloServer(work.hello, directory)) if work.hello.exists() else None
        size = len(agent.request("GET", "/api/devices"))
        seconds = work.pick(8, 2)
        devices: List[_Run] = []
        hellos: List[_Run] = []
        for turn in range(work.pick(3, 1)):
            work.say(f"turn {turn + 1}")
            if hello is not None:
                hellos.append(_wrk(directory, f"http://127.0.0.1:{hello.port}/hello", agent.token, seconds))
            devices.append(_wrk(directory, f"http://127.0.0.1:{agent.port}/api/devices", agent.token, seconds))
    section.details = {"devices": [asdict(run) for run in devices], "hello": [asdict(run) for run in hellos]}
    if hellos:
        _add(section, "hello", hellos, "")
    _add(section, "devices", devices, f"{size / 1024:.0f} KiB each")
    if hellos:
        section.add(
            at_least("rate, devices ÷ hello", _median(devices, "rate") / _median(hellos, "rate"), "", 0.4),
            figure("p99, devices ÷ hello", _median(devices, "p99") / _median(hellos, "p99"), ""),
        )
    note = "" if hellos else f"nothing to compare with: there is no {work.hello.name} beside the agent"
    section.add(must_be_zero("failed requests", sum(run.faults for run in devices + hellos), note))
    return section


def _add(section: Section, name: str, runs: List[_Run], note: str) -> None:
    section.add(
        figure(f"{name}, rate", _median(runs, "rate"), "/s", note),
        figure(f"{name}, p50", _median(runs, "p50") * 1000, "ms"),
        figure(f"{name}, p99", _median(runs, "p99") * 1000, "ms"),
    )


def _median(runs: List[_Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


class _HelloServer(Child):
    """One Hummingbird route that answers "hello"."""

    def __init__(self, binary: Path, directory: Path) -> None:
        self.port = free_port()
        super().__init__("HelloServer", [str(binary), str(self.port)], directory / "hello.log")
        self.wait_until_it_accepts(self.port)


def _wrk(directory: Path, url: str, token: str, seconds: int) -> _Run:
    arguments = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency"]
    arguments += ["-H", f"Authorization: Bearer {token}", url]
    output = directory / "wrk.txt"
    output.write_bytes(b"")
    with Child("wrk", arguments, directory / "wrk.log", output=output) as wrk:
        ended = wrk.wait(seconds + 30)
        text = output.read_text()
        if ended is None or ended.code != 0:
            raise BenchmarkError(f"wrk failed: {text} {wrk.log_tail()}")
    faults = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: (.*)", text)
    return _Run(
        float(_found(r"Requests/sec:\s+([\d.]+)", text)[1]), _time("50", text), _time("99", text),
        (int(faults[1]) if faults else 0) + (sum(map(int, re.findall(r"\d+", errors[1]))) if errors else 0),
    )


def _time(share: str, text: str) -> float:
    found = _found(rf"^\s+{share}%\s+([\d.]+)(us|ms|s|m)$", text)
    return float(found[1]) * _UNITS[found[2]]


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise BenchmarkError(f"wrk told something else: {text}")
    return found
