"""(f) CPU per message with few and with many devices, at the same rate."""

from __future__ import annotations

import resource
import statistics
from typing import Dict, List

from .report import Section, at_most, figure, must_be_zero
from .steady import steady
from .workplace import Workplace

RATE = 2000
FLEETS = (10, 100, 1000, 10_000)
_SPARE_DESCRIPTORS = 500


def measure(work: Workplace) -> Section:
    """The agent, and `mosquitto_sub` reading the same in the same run as the reference."""
    section = Section(f"(f) CPU per message at {RATE} messages a second (heartbeats count as messages)")
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    agent: List[float] = []
    ratio: List[float] = []
    disturbed = 0
    for devices in FLEETS:
        if devices + _SPARE_DESCRIPTORS > allowed:
            section.error = f"{devices} devices need more than the {allowed} open files that `ulimit -n` allows"
            continue
        work.say(f"{devices} devices")
        run = steady(work, devices, RATE, [work.pick(30, 8)])
        section.details[str(devices)] = run.json()
        cost: Dict[str, float] = {name: run.cpu(name) / run.messages() * 1e6 for name in run.samples[0].cpu}
        agent.append(cost["station-agent"])
        ratio.append(cost["station-agent"] / cost["mosquitto_sub"])
        disturbed += run.lost + sum(run.faults.values())
        section.add(
            figure(
                f"{devices} devices, agent", agent[-1], "µs",
                f"mosquitto_sub {cost['mosquitto_sub']:.1f} µs, broker {cost['mosquitto']:.1f} µs, "
                f"{run.messages() / (run.samples[1].at - run.samples[0].at):.0f} messages/s"
                + (f", {run.behind} behind" if run.behind > RATE else "")
                + "".join(f", {each}" for each in run.trouble),
            ),
            figure(f"{devices} devices, agent ÷ mosquitto_sub", ratio[-1], ""),
        )
    if agent:
        section.add(
            at_most("agent, farthest from the median", _spread(agent), "%", 20),
            figure("agent ÷ mosquitto_sub, farthest from the median", _spread(ratio), "%"),
            must_be_zero("lost, rejected or merged", disturbed),
        )
    return section


def _spread(values: List[float]) -> float:
    """How far the value that is farthest from the median is away from it, in percent of it."""
    middle = statistics.median(values)
    return max(abs(value / middle - 1) for value in values) * 100
