"""A fixed load that goes on and on, looked at in windows of time."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Sequence

from . import procfs
from .agent import Agent, Metrics
from .broker import DEVICE_TOPICS, Broker, Subscriber
from .simulator import SEQUENCE_KEY, Simulator
from .workplace import Workplace

LIST_LIMIT = 1000
"""So many devices are in one answer of `GET /api/devices` at most (contract 2)."""


@dataclass
class Sample:
    """Everything at one moment."""

    at: float
    messages: int
    """Messages that the agent has taken up, heartbeats included."""
    heartbeats: int
    """Those of them that are heartbeats, up to a second ago."""
    cpu: Dict[str, float]
    io: Dict[str, int]
    """Of the agent."""
    memory: Dict[str, int]
    """Of the agent."""


@dataclass
class Steady:
    """The result of a run."""

    samples: List[Sample]
    """At the start of the first window and at the end of each."""
    final_io: Dict[str, int] = field(default_factory=dict)
    """The agent's, after it was stopped in good order."""
    final_states: int = 0
    """State messages of the whole run."""
    behind: int = 0
    """Messages that the generator should have sent by the end and had not."""
    lost: int = 0
    """States sent that the agent does not show; counted up to 1000 devices."""
    faults: Dict[str, int] = field(default_factory=dict)
    trouble: List[str] = field(default_factory=list)

    def messages(self, window: int = 0) -> int:
        """Messages of any kind within the first windows, up to and including this one."""
        return self.samples[window + 1].messages - self.samples[0].messages

    def states(self, window: int = 0) -> int:
        """The state messages among them."""
        return self.messages(window) - (self.samples[window + 1].heartbeats - self.samples[0].heartbeats)

    def cpu(self, name: str, window: int = 0) -> float:
        """CPU seconds of a process in that time."""
        return self.samples[window + 1].cpu[name] - self.samples[0].cpu[name]

    def io(self, name: str, window: int = 0) -> int:
        """How much a counter of /proc/PID/io grew in that time."""
        return self.samples[window + 1].io[name] - self.samples[0].io[name]

    def json(self) -> Dict[str, Any]:
        """The raw numbers."""
        return asdict(self)


def steady(
    work: Workplace,
    devices: int,
    rate: float,
    windows: Sequence[float],
    qos: int = 1,
    with_subscriber: bool = True,
    warm_up: float = 5,
) -> Steady:
    """Runs the load; `windows` are times in seconds since the end of the warming up, ascending."""
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("steady"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker))
        children = [broker, agent]
        if with_subscriber:
            children.append(stack.enter_context(Subscriber(broker, directory, qos, DEVICE_TOPICS)))
        simulator = stack.enter_context(Simulator(work.binary, agent.env, directory, devices, rate, qos))
        children.append(simulator)

        def sample() -> Sample:
            simulator.read()
            # First what takes no time.
            cpu = {child.name: child.cpu() for child in children}
            at = time.perf_counter()
            return Sample(
                at, agent.metrics().messages, simulator.sent("heartbeat"), cpu, procfs.io(agent.pid),
                procfs.memory(agent.pid),
            )

        def wait_until(moment: float) -> None:
            while time.perf_counter() < moment:
                time.sleep(max(0.0, min(0.5, moment - time.perf_counter())))
                for child in children:
                    child.require_running()

        simulator.wait_for_load()
        at_begin = agent.metrics()
        wait_until(time.perf_counter() + warm_up)
        run = Steady([sample()])
        for window in windows:
            wait_until(run.samples[0].at + window)
            run.samples.append(sample())
        simulator.require_all_accepted()
        load = simulator.latest["load"]
        run.behind = load["planned"] - load["sent"]
        run.trouble = simulator.trouble()
        simulator.stop()
        _finish(run, agent, simulator, at_begin)
        return run


def _finish(run: Steady, agent: Agent, simulator: Simulator, at_begin: Metrics) -> None:
    """Waits until the agent has everything, and stops it."""
    run.final_states = simulator.sent("state")
    deadline = time.perf_counter() + 10
    while agent.metrics().messages < simulator.sent() and time.perf_counter() < deadline:
        time.sleep(0.05)
    if simulator.devices <= LIST_LIMIT:
        newest = sum(device["lastKnownState"].get(SEQUENCE_KEY, 0) for device in agent.get("/api/devices"))
        run.lost = max(0, run.final_states - newest)
    run.faults = agent.metrics().faults(at_begin)
    run.final_io = agent.stop().io
