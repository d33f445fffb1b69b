"""(clients) 200 clients of `/ws` at once, and one more that never reads."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from typing import Dict, List

from . import procfs
from .agent import Agent
from .audience import Heard, Listener, together
from .broker import Broker
from .child import BenchmarkError
from .fleet import MARK, Fleet
from .report import Section, at_most, figure, milliseconds, must_be_zero, percentile
from .websocket import WebSocketClient
from .workplace import Workplace

MIB = 1 << 20
_DEVICES = 50
_CLIENTS = 200
_USERS = 8
"""One person may have 32 sessions (contract 3)."""
_PROCESSES = 4
_RATE = 500
_DRAIN_LIMIT = 15.0


def measure(work: Workplace) -> Section:
    """500 events a second, each to all: first to clients that read, then with one that does not."""
    section = Section(f"(clients) {_CLIENTS} clients of /ws, {_RATE} events/s to each")
    with ExitStack() as stack:
        directory = stack.enter_context(work.directory("clients"))
        broker = stack.enter_context(Broker(directory))
        agent = stack.enter_context(Agent(work.binary, directory, broker))
        fleet = stack.enter_context(Fleet(agent, broker, _DEVICES, "pir"))
        tokens = [_admin_token(agent, number) for number in range(_USERS)]
        before = procfs.memory(agent.pid)["RssAnon"]
        work.say(f"{_CLIENTS} clients")
        alone = _case(work, section, agent, fleet, tokens, "all read")
        work.say("one more, which never reads")
        with WebSocketClient(agent.port, tokens[0], has_little_room=True) as stuck:
            beside = _case(work, section, agent, fleet, tokens, "one never reads")
            received = _drain(stuck)
    count = _count(work)
    section.add(
        figure("RssAnon before", before / MIB, "MiB"),
        figure(
            "p99, one never reads ÷ all read", percentile(beside.seconds, 0.99) / percentile(alone.seconds, 0.99), ""
        ),
        figure(
            "events that were not kept for the one that never reads", count - received, "",
            "" if received < count else "it was never stuck: this run says nothing about it",
        ),
    )
    return section


def _count(work: Workplace) -> int:
    return int(_RATE * work.pick(20, 4))


def _admin_token(agent: Agent, number: int) -> str:
    """The access token of a new person who sees all places."""
    account = {"email": f"person-{number}@example.com", "password": "bench-password"}
    invitation = agent.request("POST", "/api/user-management/members", {"email": account["email"], "role": "admin"})
    invite_token = json.loads(invitation)["inviteToken"]
    agent.request("POST", "/api/auth/register", {**account, "inviteToken": invite_token})
    return str(json.loads(agent.request("POST", "/api/auth/login", account))["accessToken"])


def _case(
    work: Workplace, section: Section, agent: Agent, fleet: Fleet, tokens: List[str], name: str
) -> Heard:
    count = _count(work)
    memory: List[Dict[str, int]] = []
    with ExitStack() as stack:
        listeners = []
        for process in range(_PROCESSES):

            def watch(process: int = process) -> List[WebSocketClient]:
                return [
                    WebSocketClient(agent.port, tokens[number % _USERS])
                    for number in range(process, _CLIENTS, _PROCESSES)
                ]

            listeners.append(stack.enter_context(Listener(watch, count, _DEVICES)))
        opened = procfs.memory(agent.pid)["RssAnon"]
        machine_before, cpu_before, begin = procfs.machine_time(), agent.cpu(), time.perf_counter()
        achieved = fleet.send_events(count, _RATE, lambda: memory.append(procfs.memory(agent.pid)))
        seconds = time.perf_counter() - begin
        machine, cpu = procfs.machine_time(), agent.cpu() - cpu_before
        memory.append(procfs.memory(agent.pid))
        deadline = time.perf_counter() + _DRAIN_LIMIT
        heard = together([listener.result(deadline) for listener in listeners])
    busy = (machine.busy - machine_before.busy) / (machine.total - machine_before.total)
    section.details[name] = {
        "memory": memory, "opened_rss_anon": opened, "achieved": achieved, "agent_cpu": cpu, "machine_busy": busy,
        "reader_cpu": heard.reader_cpu, "missing": heard.missing, "repeated": heard.repeated, "resyncs": heard.resyncs,
        "percentiles": {share: percentile(heard.seconds, share) for share in (0.5, 0.9, 0.99, 0.999, 1)},
    }
    section.add(
        figure(f"{name}: published", achieved, "/s", heard.remark),
        figure(f"{name}: machine busy", busy * 100, "%", "none to spare: times are too long" if busy > 0.95 else ""),
        figure(f"{name}: agent, CPU", cpu / seconds * 100, "% of a core"),
        *milliseconds(f"{name}: publish → read", heard.seconds),
        must_be_zero(
            f"{name}: lost or repeated", heard.missing + heard.repeated,
            f"clients were told {heard.resyncs} times to read everything again" if heard.resyncs else "",
        ),
        figure(f"{name}: RssAnon, clients connected", opened / MIB, "MiB"),
        at_most(f"{name}: RssAnon, highest", max(each["RssAnon"] for each in memory) / MIB, "MiB", 25),
    )
    return heard


def _drain(client: WebSocketClient) -> int:
    """How many of the events the client still gets, now that it reads: those that the kernel and the agent kept."""
    received = 0
    client.limit_waiting(2)
    try:
        while True:
            received += sum(MARK.search(text) is not None for text in client.take())
    except (socket.timeout, BenchmarkError, ConnectionError):
        return received  # nothing more comes
