"""(d) From spawning the process to READY=1."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import List

from .agent import Agent
from .broker import Broker
from .report import Section, at_most, figure
from .simulator import Simulator
from .workplace import Workplace

LIMIT = 300


def measure(work: Workplace) -> Section:
    """With a new data directory, with one that is there, and with one that has a history."""
    section = Section("(d) spawn → READY=1")
    count = work.pick(10, 3)
    with work.directory("startup") as directory, Broker(directory) as broker:
        work.say("new data directories")
        new = [_start(work, directory / f"new-{number}", broker) for number in range(count)]
        work.say("an existing data directory")
        existing = [_start(work, directory / "new-0", broker) for _ in range(count)]
        messages = work.pick(200_000, 20_000)
        work.say(f"1 000 devices and {messages} messages of history")
        _fill(work, directory / "history", broker, messages)
        size = sum(file.stat().st_size for file in (directory / "history" / "data").glob("station.sqlite*"))
        history = [_start(work, directory / "history", broker) for _ in range(count)]
    for name, times in (("new data directory", new), ("existing data directory", existing)):
        section.add(at_most(f"{name}, median of {count}", statistics.median(times) * 1000, "ms", LIMIT, _range(times)))
    name = f"1 000 devices, {size / (1 << 20):.0f} MiB of history"
    section.add(figure(f"{name}, median of {count}", statistics.median(history) * 1000, "ms", _range(history)))
    section.details = {"new": new, "existing": existing, "history": history, "history_bytes": size}
    return section


def _start(work: Workplace, directory: Path, broker: Broker) -> float:
    with Agent(work.binary, directory, broker) as agent:
        agent.get("/health")
        return agent.seconds_to_ready


def _fill(work: Workplace, directory: Path, broker: Broker, messages: int) -> None:
    with Agent(work.binary, directory, broker) as agent:
        with Simulator(work.binary, agent.env, directory, 1000, 5000, 1, messages) as simulator:
            while simulator.poll() is None:
                simulator.read()
                agent.require_running()
                simulator.wait(0.2)


def _range(times: List[float]) -> str:
    return f"{min(times) * 1000:.0f} to {max(times) * 1000:.0f}"
