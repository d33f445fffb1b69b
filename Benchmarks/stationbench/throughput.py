"""(a) What the agent keeps up with, beside `mosquitto_sub` reading the same messages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Callable, List, Optional

from .flood import AS_FAST_AS_POSSIBLE, Flood, flood
from .report import Section, at_least, at_most, figure, must_be_zero
from .steady import steady
from .workplace import Workplace

DEVICES = 1000
_ATTEMPTS = 7
_CLOSE_ENOUGH = 1.1


def measure(work: Workplace) -> Section:
    """Sustained rates with QoS 0 and 1, then the cost of a fixed 1 000 messages a second."""
    section = Section("(a) sustained ingest of state messages, through the broker into the store")
    for qos in (0, 1):
        _sustained(work, section, qos)
    for qos in (0, 1):
        _fixed(work, section, qos)
    return section


def _sustained(work: Workplace, section: Section, qos: int) -> None:
    messages = work.pick(300_000, 60_000)

    def run(rate: float, with_agent: bool, with_subscriber: bool) -> Flood:
        return flood(work, qos, messages, DEVICES, rate, with_agent, with_subscriber)

    work.say(f"QoS {qos}: mosquitto_sub alone")
    subscriber_alone = run(AS_FAST_AS_POSSIBLE, False, True)
    work.say(f"QoS {qos}: the agent alone")
    alone = _fastest_without_loss(work, lambda rate: run(rate, True, False))
    work.say(f"QoS {qos}: both")
    beside = _fastest_without_loss(work, lambda rate: run(rate, True, True))
    first, last = beside[0], beside[-1]
    assert subscriber_alone.subscriber and alone[-1].agent and first.subscriber and last.agent
    reference = subscriber_alone.subscriber
    section.details[f"qos{qos}"] = {
        "mosquitto_sub_alone": asdict(subscriber_alone),
        "agent_alone": [asdict(each) for each in alone],
        "both": [asdict(each) for each in beside],
    }
    name = f"QoS {qos}"
    section.add(
        figure(f"{name}, mosquitto_sub alone", reference.rate, "/s"),
        figure(f"{name}, agent alone", alone[-1].agent.rate, "/s", _remark(alone)),
        figure(f"{name}, mosquitto_sub beside the agent", first.subscriber.rate, "/s"),
        figure(f"{name}, agent beside mosquitto_sub", last.agent.rate, "/s", _remark(beside)),
        at_least(f"{name}, agent ÷ mosquitto_sub, side by side", last.agent.rate / first.subscriber.rate, "", 0.5),
        at_least(f"{name}, agent ÷ mosquitto_sub, each alone", alone[-1].agent.rate / reference.rate, "", 0.5),
        figure(f"{name}, mosquitto_sub, CPU per 10 000", first.subscriber.cpu_per_10000, "s"),
        figure(f"{name}, agent, CPU per 10 000", last.agent.cpu_per_10000, "s"),
        figure(f"{name}, agent, readings stored", last.agent.details["readings_stored_share"] * 100, "%"),
        must_be_zero(
            f"{name}, runs without an undisturbed end",
            sum(not each.agent.is_complete for each in (alone[-1], last) if each.agent)
            + sum(not each.subscriber.is_complete for each in (subscriber_alone, first) if each.subscriber),
        ),
    )


def _fastest_without_loss(work: Workplace, run: Callable[[float], Flood]) -> List[Flood]:
    """First as fast as possible; when the agent loses messages at that, the highest rate is looked for at which not.

    Returns all runs: first the one as fast as possible, last the fastest one without loss, if there is one.
    """
    runs = [run(AS_FAST_AS_POSSIBLE)]
    best: Optional[Flood] = runs[0] if _is_complete(runs[0]) else None
    too_fast = runs[0].sent_rate
    while len(runs) < _ATTEMPTS and not (best and best.sent_rate * _CLOSE_ENOUGH > too_fast):
        last = runs[-1]
        if best:
            rate = (best.sent_rate * too_fast) ** 0.5
        else:
            work.say(f"at {too_fast:.0f}/s it lost some ({_losses(last)})")
            # Clearly less than what it took up while it was overrun; what it can take is looked for from below.
            rate = 0.75 * min(last.agent.rate if last.agent else too_fast, too_fast)
        runs.append(run(rate))
        if _is_complete(runs[-1]):
            best = runs[-1]
        else:
            too_fast = min(rate, runs[-1].sent_rate)
    if best:
        runs.remove(best)
        runs.append(best)
    return runs


def _is_complete(run: Flood) -> bool:
    return run.agent is not None and run.agent.is_complete


def _losses(run: Flood) -> str:
    lost = [f"{series} {count}" for series, count in run.faults.items()]
    if run.agent and run.agent.details["newest_states_missing"]:
        lost.append(f"newest states missing {run.agent.details['newest_states_missing']:.0f}")
    return ", ".join(lost) or "not all were taken up"


def _remark(runs: List[Flood]) -> str:
    return "" if len(runs) == 1 else f"the most without loss in {len(runs)} runs; faster it lost messages"


def _fixed(work: Workplace, section: Section, qos: int) -> None:
    work.say(f"QoS {qos}: 1 000 messages a second")
    run = steady(work, DEVICES, 1000, [work.pick(60, 10)], qos)
    section.details[f"fixed_qos{qos}"] = run.json()
    agent = run.cpu("station-agent")
    reference = run.cpu("mosquitto_sub")
    name = f"QoS {qos}, 1 000/s"
    section.add(
        figure(f"{name}, agent, CPU per 10 000", agent / run.messages() * 10_000, "s"),
        figure(f"{name}, mosquitto_sub, CPU per 10 000", reference / run.messages() * 10_000, "s"),
        at_most(f"{name}, CPU agent ÷ mosquitto_sub", agent / reference, "", 5),
        must_be_zero(f"{name}, lost, rejected or merged", run.lost + sum(run.faults.values()), str(run.faults or "")),
    )
