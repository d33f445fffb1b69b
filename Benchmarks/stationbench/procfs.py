"""What Linux knows about a process and about the whole machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Dict, NamedTuple


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, also of those that have ended.

    The same sum that /proc/PID/stat gives in steps of 10 ms, read from the process's CPU clock in nanoseconds. Its id
    is what clock_getcpuclockid(3) computes: the complement of the pid, shifted, with the kind "scheduler".
    """
    return time.clock_gettime((~pid << 3) | 2)


def memory(pid: int) -> Dict[str, int]:
    """Resident memory in bytes: RssAnon, RssFile, VmRSS, VmHWM (the highest VmRSS so far) and Pss."""
    values = {}
    for file, names in (("status", ("RssAnon", "RssFile", "VmRSS", "VmHWM")), ("smaps_rollup", ("Pss",))):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in names:
                values[name] = int(rest.split()[0]) * 1024
    return values


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def io(pid: int) -> Dict[str, int]:
    """The counters of /proc/PID/io; also of a process that has ended but was not waited for.

    `write_bytes` is what the process caused to be written to a disk, counted when a page of the cache becomes dirty;
    `wchar` is what it passed to write(2) and the like, sockets and pipes included.
    """
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return {name: int(value) for name, _, value in (line.partition(":") for line in lines)}


class MachineTime(NamedTuple):
    """Seconds since boot, summed over all cores."""

    busy: float
    stolen: float
    total: float


def machine_time() -> MachineTime:
    """How busy the machine was since it was started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    tick = os.sysconf("SC_CLK_TCK")
    user, nice, system, idle, iowait, irq, softirq, steal = (int(field) / tick for field in fields)
    busy = user + nice + system + irq + softirq
    return MachineTime(busy, steal, busy + idle + iowait + steal)
