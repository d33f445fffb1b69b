"""(c) Memory, idle and loaded, and the size of the binary."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Dict

from . import procfs
from .agent import Agent
from .broker import Broker
from .report import Section, at_most, figure
from .simulator import Simulator
from .workplace import Workplace

MIB = 1 << 20
_IDLE_SECONDS = 10


def measure(work: Workplace) -> Section:
    """One agent from its start through two loads: 1 000 messages a second, then as many as possible."""
    section = Section("(c) memory and size")
    with work.directory("memory") as directory, Broker(directory) as broker:
        with Agent(work.binary, directory, broker) as agent:
            work.say("idle")
            before = agent.cpu()
            time.sleep(_IDLE_SECONDS)
            idle_cpu = (agent.cpu() - before) / _IDLE_SECONDS
            idle = _note(section, "idle", agent)
            work.say("1 000 messages a second")
            with Simulator(work.binary, agent.env, directory, 1000, 1000, 1) as simulator:
                simulator.wait_for_load()
                time.sleep(work.pick(60, 10))
                loaded = _note(section, "loaded", agent)
            work.say("as many messages as possible")
            messages = work.pick(300_000, 60_000)
            with Simulator(work.binary, agent.env, directory, 1000, 1_000_000, 1, messages) as simulator:
                while simulator.poll() is None:
                    simulator.read()
                    agent.require_running()
                    time.sleep(0.1)
            time.sleep(_IDLE_SECONDS)
            flooded = _note(section, "flooded", agent)
            count = procfs.threads(agent.pid)
    section.add(
        at_most("idle, RssAnon", idle["RssAnon"] / MIB, "MiB", 6),
        at_most("idle, PSS", idle["Pss"] / MIB, "MiB", 36),
        figure("idle, RSS", idle["VmRSS"] / MIB, "MiB"),
        figure("idle, CPU", idle_cpu * 100, "% of a core"),
    )
    for name, values in (("1 000/s from 1 000 devices", loaded), ("10 s after a flood", flooded)):
        section.add(
            figure(f"{name}, RssAnon", values["RssAnon"] / MIB, "MiB"),
            figure(f"{name}, PSS", values["Pss"] / MIB, "MiB"),
            figure(f"{name}, RSS", values["VmRSS"] / MIB, "MiB"),
        )
    section.add(
        figure("highest RSS of all", flooded["VmHWM"] / MIB, "MiB"),
        figure("threads", count, ""),
        figure("binary", work.binary.stat().st_size / MIB, "MiB", "" if is_stripped(work.binary) else "NOT stripped"),
    )
    return section


def _note(section: Section, name: str, agent: Agent) -> Dict[str, int]:
    values = procfs.memory(agent.pid)
    section.details[name] = values
    return values


def is_stripped(path: Path) -> bool:
    """Whether a 64-bit little-endian ELF file has no symbol table (a section of type SHT_SYMTAB)."""
    with open(path, "rb") as file:
        header = file.read(64)
        if not header.startswith(b"\x7fELF"):
            return False
        offset = struct.unpack_from("<Q", header, 0x28)[0]
        size, count = struct.unpack_from("<HH", header, 0x3A)
        file.seek(offset)
        sections = file.read(size * count)
    kinds = (struct.unpack_from("<I", sections, index * size + 4)[0] for index in range(count))
    return 2 not in kinds
