"""On what the figures were measured."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any, Dict, List


def facts(root: Path, binary: Path, directory: Path) -> Dict[str, Any]:
    """The machine, the versions of everything that takes part, and how busy the machine is already."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_before": os.getloadavg(),
        "kernel": platform.release(),
        "system": _os_name(),
        "filesystem": filesystem(directory),
        "mosquitto": _first_line(["mosquitto", "-h"]),
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "agent": _first_line([str(binary), "--version"]),
        "commit": _first_line(["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]),
        "has_uncommitted_changes": bool(_first_line(["git", "-C", str(root), "status", "--porcelain"])),
    }


def filesystem(path: Path) -> str:
    """The type of the file system that a path is on."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, name = line.split()[:3]
        if os.path.commonpath([str(path.resolve()), mount]) == mount and len(mount) >= len(best):
            best, kind = mount, name
    return kind


def _cpu_model() -> str:
    # A Raspberry Pi names itself in the device tree.
    tree = Path("/proc/device-tree/model")
    if tree.exists():
        return tree.read_text(errors="replace").strip("\0\n ")
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _os_name() -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.system()


def _first_line(command: List[str]) -> str:
    """What a command prints first; empty when it is not there or has nothing to say."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=False)
    except OSError:
        return ""
    return done.stdout.decode(errors="replace").partition("\n")[0].strip()
