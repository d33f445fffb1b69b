"""The crash suite: see docs/operations.md. Started by scripts/crash-test."""

import argparse
import pathlib
import random
import signal
import sys
import threading
import traceback

from report import counts, cycle_line, summary
from scene import NotWell, Scene
from workspace import Workspace


def _options():
    parser = argparse.ArgumentParser(
        prog="scripts/crash-test",
        description="kill -9 at random moments under full load, and worse; fails when anything acknowledged is lost.")
    parser.add_argument("--cycles", type=int, default=200, help="how often (default 200)")
    parser.add_argument("--quick", action="store_true", help="ten cycles")
    parser.add_argument("--seed", type=int, help="repeats the order of a run; it is printed")
    parser.add_argument("--only", metavar="FAULT", help="one kind of fault, such as “disk full”, besides the ends")
    parser.add_argument("--longest", type=float, default=12, help="the longest time under load in a cycle, in seconds")
    parser.add_argument("--flush", type=float, default=5, help="TELEMETRY_FLUSH_INTERVAL in seconds")
    parser.add_argument("--clients", type=int, default=4, help="clients of the API")
    parser.add_argument("--devices", type=int, default=20, help="simulated devices")
    parser.add_argument("--rate", type=int, default=200, help="their reports a second")
    parser.add_argument(
        "--disk", type=int, help="size of the station's disk in MiB; 0: a directory, which is never full")
    parser.add_argument("--agent", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, help=argparse.SUPPRESS)
    parser.add_argument(
        "--sabotage", action="store_true",
        help="proves the suite: takes something of each kind out of the store, and fails when that is not noticed")
    options = parser.parse_args()
    if options.sabotage:
        options.cycles, options.longest, options.only = 2, 25, "-"
    if options.quick:
        options.cycles = 10
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    if options.disk is None:
        # Readings of a long run need their room, and the disk is to be full when the test wants it.
        options.disk = 64 + options.cycles // 2
    return options


def main():
    options = _options()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(130))
    workspace = Workspace(pathlib.Path(options.work), options.disk)
    scene = Scene(workspace, options)
    print(f"crash-test --seed {options.seed} --cycles {options.cycles}; logs: {workspace.root}", flush=True)
    if not workspace.is_mounted:
        print("skipped: a full disk (mounting a tmpfs needs root, and --disk more than 0)", flush=True)
    if not workspace.clock.can_step:
        print("skipped: steps of the clock (there is no C compiler)", flush=True)
    threading.excepthook = lambda error: scene.faults.append(
        "in the test itself: " + "".join(traceback.format_exception(error.exc_value)).strip())
    is_good = False
    try:
        scene.set_up()
        try:
            for number in range(1, options.cycles + 1):
                before = counts(scene)
                cycle = scene.cycle(number)
                print(cycle_line(cycle, scene, before), flush=True)
            scene.finish()
        except NotWell as error:
            scene.faults.append(str(error))
        print(summary(scene), flush=True)
        is_good = not scene.ledger.losses and not scene.faults
    finally:
        scene.tear_down()
        if not is_good:
            workspace.keep_disk()
            (workspace.root / "losses.txt").write_text("\n".join(scene.ledger.losses + scene.faults) + "\n")
        workspace.close()
    if scene.sabotage:
        missed = scene.sabotage.missed()
        print(f"Taken: {', '.join(sorted(scene.sabotage.expected))}; not noticed: {', '.join(missed) or 'nothing'}.")
        sys.exit(1 if missed else 0)
    print("\n" + ("Nothing that was acknowledged was lost." if is_good else "FAILED"), flush=True)
    sys.exit(0 if is_good else 1)


main()
