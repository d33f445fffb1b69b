"""(live) From publishing to a client of `/ws`, beside a subscriber of the broker that receives the same messages."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import List

from .agent import Agent
from .audience import Heard, Listener
from .broker import STATE_TOPIC, Broker
from .fleet import Fleet
from .mqtt import MQTTClient
from .report import Section, at_most, figure, milliseconds, must_be_zero, percentile
from .websocket import WebSocketClient
from .workplace import Workplace

_DEVICES = 50
_RATES = (200, 2000)
_LIMIT = 3


def measure(work: Workplace) -> Section:
    """State of 50 devices with QoS 0 at two rates; one client of each kind."""
    section = Section("(live) publish → WebSocket, beside publish → broker → subscriber")
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("live"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker))
        fleet = stack.enter_context(Fleet(agent, broker, _DEVICES, "climate"))
        # What is compiled, mapped or allocated at the first use is not what is asked for.
        fleet.send_states(_DEVICES * 4, 200)
        for rate in _RATES:
            work.say(f"{rate} messages a second")
            _case(work, section, agent, broker, fleet, rate)
    return section


def _case(work: Workplace, section: Section, agent: Agent, broker: Broker, fleet: Fleet, rate: int) -> None:
    count = int(rate * work.pick(20, 4))

    def subscribe() -> List[MQTTClient]:
        client = MQTTClient(broker.port, f"bench-reader-{rate}")
        client.subscribe(STATE_TOPIC)
        return [client]

    def watch() -> List[WebSocketClient]:
        return [WebSocketClient(agent.port, agent.token)]

    with Listener(subscribe, count, _DEVICES) as raw, Listener(watch, count, _DEVICES) as live:
        achieved = fleet.send_states(count, rate)
        deadline = time.perf_counter() + 5
        reference, heard = raw.result(deadline), live.result(deadline)
    section.details[f"{rate}/s"] = {"broker": asdict(reference), "websocket": asdict(heard), "achieved": achieved}
    name = f"{rate}/s"
    section.add(
        figure(f"{name}: published", achieved, "/s"),
        *milliseconds(f"{name}: broker alone", reference.seconds),
        *milliseconds(f"{name}: WebSocket", heard.seconds),
    )
    for share in (0.5, 0.99):
        ratio = _ratio(heard, reference, share)
        section.add(at_most(f"{name}: WebSocket ÷ broker, p{share * 100:g}", ratio, "", _LIMIT))
    section.add(
        figure(f"{name}: replaced by newer state", heard.missing - heard.last_missing, "", heard.remark),
        must_be_zero(
            f"{name}: lost or repeated",
            reference.missing + heard.last_missing + heard.repeated + heard.resyncs,
            "with each device's last state, and all of the broker's",
        ),
    )


def _ratio(heard: Heard, reference: Heard, share: float) -> float:
    return percentile(heard.seconds, share) / max(1e-6, percentile(reference.seconds, share))
