"""(e) Bytes written to the disk for a state message."""

from __future__ import annotations

from typing import Sequence

from .report import Section, at_most, figure, must_be_zero
from .steady import steady
from .workplace import Workplace

KIB = 1024


def measure(work: Workplace) -> Section:
    """One device at one message a second, and 1 000 devices at 1 000 together."""
    section = Section("(e) bytes written to disk per state message (write_bytes of /proc/PID/io)")
    slow = [60.0, 660.0] if work.is_long else [work.pick(60.0, 20.0)]
    _case(work, section, "1/s from 1 device", 1, 1, 8, slow)
    # Every 200 000 readings, here every 67 s, the journal is moved to where readings are kept: the second window sees
    # that twice.
    _case(work, section, "1 000/s from 1 000 devices", 1000, 1000, 1, work.pick([60.0, 140.0], [20.0]))
    return section


def _case(
    work: Workplace, section: Section, name: str, devices: int, rate: float, limit: float, windows: Sequence[float]
) -> None:
    work.say(name)
    run = steady(work, devices, rate, windows, with_subscriber=False)
    section.details[name] = run.json()
    for index, window in enumerate(windows):
        states = run.states(index)
        section.add(
            at_most(f"{name}, {window:.0f} s", run.io("write_bytes", index) / states / KIB, "KiB", limit),
            figure(f"{name}, {window:.0f} s, wchar", run.io("wchar", index) / states / KIB, "KiB"),
        )
    section.add(
        figure(
            f"{name}, from start to stop", run.final_io["write_bytes"] / run.final_states / KIB, "KiB",
            "with making the store, handshakes, going offline and closing",
        ),
        must_be_zero(f"{name}, lost, rejected or merged", run.lost + sum(run.faults.values()), str(run.faults or "")),
    )
