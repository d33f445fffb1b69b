"""One run of a given number of messages, as fast as the generator can or at a rate, with the readers side by side."""

from __future__ import annotations

import time
from bisect import bisect_right
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from .agent import Agent, Metrics, agent_environment
from .broker import Broker, Subscriber
from .child import BenchmarkError, Child
from .simulator import SEQUENCE_KEY, Simulator
from .workplace import Workplace

AS_FAST_AS_POSSIBLE = 1_000_000.0
READINGS_PER_MESSAGE = 3
_STEP = 0.02
_METRICS_PERIOD = 0.1
_LIMIT = 300.0
_PATIENCE = 5.0
"""Without progress for so long, after all was sent, what is missing is lost."""


@dataclass
class Reader:
    """What one of the readers did with the messages."""

    seconds: float
    """From the first message sent to the last one taken up (and, for the agent, stored)."""
    rate: float
    cpu: float
    cpu_per_10000: float
    is_complete: bool
    details: Dict[str, float] = field(default_factory=dict)


@dataclass
class Flood:
    """The result of one run."""

    qos: int
    messages: int
    offered_rate: float
    sent_rate: float
    broker_cpu: float
    generator_cpu: float
    subscriber: Optional[Reader] = None
    agent: Optional[Reader] = None
    faults: Dict[str, int] = field(default_factory=dict)
    """What the agent says it did not take up."""


class _Trace:
    """The processes' CPU seconds over time."""

    def __init__(self, children: List[Child]) -> None:
        self._children = children
        self._times: List[float] = []
        self._cpu: List[Dict[str, float]] = []

    def note(self) -> None:
        self._times.append(time.perf_counter())
        self._cpu.append({child.name: child.cpu() for child in self._children})

    def at(self, moment: float, child: Child) -> float:
        return self._cpu[max(0, bisect_right(self._times, moment) - 1)][child.name]


def flood(
    work: Workplace,
    qos: int,
    messages: int,
    devices: int,
    rate: float = AS_FAST_AS_POSSIBLE,
    with_agent: bool = True,
    with_subscriber: bool = True,
) -> Flood:
    """Sends the messages and waits until the readers have them or it is clear that they never will."""
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("flood"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker)) if with_agent else None
        subscriber = (
            stack.enter_context(Subscriber(broker, directory, qos, messages=messages)) if with_subscriber else None
        )
        before = agent.metrics().messages if agent else 0
        (directory / "data").mkdir(mode=0o700, exist_ok=True)
        env = agent.env if agent else agent_environment(directory / "data", broker)
        simulator = stack.enter_context(
            Simulator(
                work.binary, env, directory, devices, rate, qos, messages, station=None if agent else "bench-station"
            )
        )
        present: List[Child] = [child for child in (broker, simulator, subscriber, agent) if child]
        trace = _Trace(present)
        counts, at_begin = _follow(trace, broker, simulator, subscriber, agent, before)
        started_at = simulator.load_started_at
        if started_at is None:
            raise BenchmarkError(f"the generator sent nothing; its last report was {simulator.latest}")
        ended_at = time.perf_counter()
        result = Flood(
            qos=qos,
            messages=messages,
            offered_rate=rate,
            sent_rate=float(simulator.latest["load"]["rate"]),
            broker_cpu=trace.at(ended_at, broker) - trace.at(started_at, broker),
            generator_cpu=trace.at(ended_at, simulator) - trace.at(started_at, simulator),
        )
        if subscriber:
            ended = subscriber.poll()
            seconds = (ended.at if ended else ended_at) - started_at
            cpu = subscriber.cpu() - trace.at(started_at, subscriber)
            result.subscriber = _reader(messages, seconds, cpu, ended is not None)
        if agent and at_begin:
            _judge_agent(result, agent, trace, counts, at_begin, started_at, before + simulator.sent())
        return result


def _follow(
    trace: _Trace,
    broker: Broker,
    simulator: Simulator,
    subscriber: Optional[Subscriber],
    agent: Optional[Agent],
    before: int,
) -> Tuple[List[Tuple[float, int]], Optional[Metrics]]:
    """Watches until everybody is done.

    Returns how many messages the agent had taken up at which time, and its counters soon after the load began.
    """
    counts: List[Tuple[float, int]] = []
    at_begin: Optional[Metrics] = None
    deadline = time.perf_counter() + _LIMIT
    next_look = 0.0
    progress_at = time.perf_counter()
    while True:
        now = time.perf_counter()
        broker.require_running()
        trace.note()
        simulator.read()
        if agent and now >= next_look:
            agent.require_running()
            metrics = agent.metrics()
            count = metrics.messages
            if at_begin is None and simulator.load_started_at is not None:
                at_begin = metrics
            if not counts or count != counts[-1][1]:
                progress_at = now
            counts.append((time.perf_counter(), count))
            next_look = now + _METRICS_PERIOD
        if simulator.exit is None:
            progress_at = now
        else:
            has_agent = not agent or counts[-1][1] >= before + simulator.sent()
            has_subscriber = not subscriber or subscriber.poll() is not None
            if (has_agent and has_subscriber) or now > progress_at + _PATIENCE:
                return counts, at_begin
        if now > deadline:
            raise BenchmarkError(f"not done after {_LIMIT:.0f} s; the generator says {simulator.latest}")
        time.sleep(_STEP)


def _judge_agent(
    result: Flood,
    agent: Agent,
    trace: _Trace,
    counts: List[Tuple[float, int]],
    at_begin: Metrics,
    started_at: float,
    target: int,
) -> None:
    taken_at = _moment_of(target, counts)
    stored_at, cpu = _wait_until_quiet(agent)
    stored_at = max(stored_at, taken_at)
    newest = sum(device["lastKnownState"].get(SEQUENCE_KEY, 0) for device in agent.get("/api/devices"))
    result.faults = agent.metrics().faults(at_begin)
    agent.stop()
    store = agent.open_store()
    try:
        readings = store.execute("SELECT count(*) FROM readings").fetchone()[0]
    finally:
        store.close()
    missing = max(0, target - counts[-1][1])
    is_complete = missing == 0 and newest == result.messages and not result.faults
    spent = cpu - trace.at(started_at, agent)
    result.agent = _reader(result.messages - missing, stored_at - started_at, spent, is_complete)
    result.agent.details = {
        "taken_up_per_second": (result.messages - missing) / (taken_at - started_at),
        "stored_after_taken_up_seconds": stored_at - taken_at,
        "messages_not_taken_up": missing,
        "newest_states_missing": result.messages - newest,
        # Readings of one series and one millisecond become one when the journal is settled.
        "readings_stored_share": readings / (READINGS_PER_MESSAGE * result.messages),
    }


def _moment_of(target: int, counts: List[Tuple[float, int]]) -> float:
    """When a number of messages was reached, between two looks; the last look, if it never was."""
    for (earlier, low), (later, high) in zip(counts, counts[1:]):
        if high >= target > low:
            return earlier + (later - earlier) * (target - low) / (high - low)
    return counts[-1][0]


def _wait_until_quiet(agent: Agent, limit: float = 30) -> Tuple[float, float]:
    """Waits until the agent has nothing left to write. Returns since when that is so, and its CPU seconds then."""
    deadline = time.perf_counter() + limit
    quiet: List[Tuple[float, float]] = []
    before = (time.perf_counter(), agent.cpu())
    while time.perf_counter() < deadline:
        time.sleep(0.15)
        now = (time.perf_counter(), agent.cpu())
        if now[1] - before[1] < 0.1 * (now[0] - before[0]):
            quiet.append(before)
            # The agent looks four times a second whether something is to be written.
            if len(quiet) == 3:
                return quiet[0]
        else:
            quiet = []
        before = now
    return before


def _reader(messages: int, seconds: float, cpu: float, is_complete: bool) -> Reader:
    return Reader(seconds, messages / seconds, cpu, cpu / messages * 10_000, is_complete)
