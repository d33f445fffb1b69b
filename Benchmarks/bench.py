#!/usr/bin/env python3
"""Measures `station-agent`; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Callable, Dict, List, Optional

from stationbench import access, api, clients, latency, live, machine, memory, scaling, startup, throughput, writes
from stationbench.procfs import machine_time
from stationbench.report import Section
from stationbench.workplace import Workplace

MEASUREMENTS: Dict[str, Callable[[Workplace], Section]] = {
    "a": throughput.measure,
    "b": latency.measure,
    "c": memory.measure,
    "d": startup.measure,
    "e": writes.measure,
    "f": scaling.measure,
    "api": api.measure,
    "live": live.measure,
    "clients": clients.measure,
    "access": access.measure,
}


def main() -> int:
    """Measures, prints a table of each measurement, writes all of it as JSON. 1 when something was not measured."""
    arguments = _arguments()
    root = Path(__file__).resolve().parent.parent
    results = root / "var" / "bench"
    results.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup has SIGHUP ignored: so it stays.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    _allow_many_files()
    facts = machine.facts(root, arguments.agent, results)
    print("\n".join(f"{name}: {value}" for name, value in facts.items()), flush=True)
    _warn(facts["filesystem"], facts["load_before"][0], facts["cores"])
    place = Path(tempfile.mkdtemp(prefix="run-", dir=results))
    work = Workplace(arguments.agent, place, arguments.quick, arguments.long)
    report = {"machine": facts, "quick": arguments.quick, "sections": {}}
    is_complete = True
    try:
        for name in arguments.only:
            section = _measured(work, name)
            is_complete = is_complete and section.error is None
            report["sections"][name] = section.json()
            print(f"\n{section.text()}", flush=True)
            # After each: whoever stops it has what there is.
            arguments.output.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"\nAll numbers are in {arguments.output}.")
    return 0 if is_complete else 1


def _measured(work: Workplace, name: str) -> Section:
    """The section of a measurement, with what else the machine did meanwhile; of a failed one, why it failed."""
    begin, ours, machine_before = time.perf_counter(), _own_cpu(), machine_time()
    try:
        section = MEASUREMENTS[name](work)
    except Exception as error:  # whatever it is, it should not cost the other measurements
        place = traceback.extract_tb(error.__traceback__)[-1]
        section = Section(
            f"({name})", error=f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        )
    section.seconds = time.perf_counter() - begin
    busy = machine_time().busy - machine_before.busy
    section.others_cpu = max(0.0, busy - (_own_cpu() - ours)) / section.seconds
    return section


def _own_cpu() -> float:
    """CPU seconds of this process and of all children that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures station-agent with a real broker on a real disk.")
    parser.add_argument("--agent", type=Path, required=True, help="the release binary")
    parser.add_argument("--only", type=_names, default=list(MEASUREMENTS), help=f"some of {','.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="short runs, to see that everything works")
    parser.add_argument("--long", action="store_true", help="(e) also over 11 minutes at one message a second")
    parser.add_argument("--output", type=Path, default=Path("var/bench/result.json"), help="where the numbers go")
    arguments = parser.parse_args()
    if not os.access(arguments.agent, os.X_OK):
        parser.error(f"--agent: there is no program at {arguments.agent}")
    arguments.agent = arguments.agent.resolve()
    arguments.output = arguments.output.resolve()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    return arguments


def _names(text: str) -> List[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(MEASUREMENTS)}")
    return names


def _allow_many_files() -> None:
    """10 000 connections are as many open files, in the broker as in the simulator."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _warn(filesystem: str, load: float, cores: int) -> None:
    if filesystem in ("tmpfs", "ramfs"):
        print("WARNING: var/bench is in memory; what is said about the disk means nothing.", file=sys.stderr)
    if load > cores / 4:
        print(f"WARNING: the machine is busy (load {load:.1f}); times will be too long.", file=sys.stderr)


def _stop(number: int, _: Optional[FrameType]) -> None:
    print(f"\nStopped by {signal.Signals(number).name}.", file=sys.stderr)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
