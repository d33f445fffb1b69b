"""Figures, sections and how they are shown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional, Sequence


@dataclass
class Figure:
    """One number, with the bound that it is held against, if there is one."""

    name: str
    value: float
    unit: str
    target: Optional[str] = None
    passed: Optional[bool] = None
    note: str = ""


def figure(name: str, value: float, unit: str, note: str = "") -> Figure:
    """A number without a target."""
    return Figure(name, value, unit, note=note)


def at_most(name: str, value: float, unit: str, limit: float, note: str = "") -> Figure:
    """A number that should not be above a limit."""
    return Figure(name, value, unit, f"≤ {_number(limit)}", value <= limit, note)


def at_least(name: str, value: float, unit: str, limit: float, note: str = "") -> Figure:
    """A number that should not be below a limit."""
    return Figure(name, value, unit, f"≥ {_number(limit)}", value >= limit, note)


def must_be_zero(name: str, value: float, note: str = "") -> Figure:
    """Something that must not happen at all, or the other figures mean nothing."""
    return Figure(name, value, "", "0", value == 0, note)


@dataclass
class Section:
    """One measurement."""

    title: str
    figures: List[Figure] = field(default_factory=list)
    details: Dict[str, Any] = field(default_factory=dict)
    """The raw numbers behind the figures."""
    error: Optional[str] = None
    seconds: float = 0
    others_cpu: float = 0
    """Cores that were busy with something else on average: the larger, the less the figures mean."""

    def add(self, *figures: Figure) -> None:
        """Appends figures."""
        self.figures.extend(figures)

    def json(self) -> Dict[str, Any]:
        """Everything, for a program to read."""
        return asdict(self)

    def text(self) -> str:
        """A table, for somebody to read."""
        rows = [("", "", "target", "", "")]
        for each in self.figures:
            verdict = "" if each.passed is None else "pass" if each.passed else "MISS"
            value = f"{_number(each.value)} {each.unit}".strip()
            rows.append((each.name, value, each.target or "", verdict, each.note))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [f"{self.title}  [{self.seconds:.0f} s; others used {self.others_cpu:.2f} cores]"]
        for row in rows[0 if any(each.target for each in self.figures) else 1 :]:
            name, value, target, verdict, note = row
            line = f"  {name:{widths[0]}}  {value:>{widths[1]}}  {target:>{widths[2]}}  {verdict:{widths[3]}}  {note}"
            lines.append(line.rstrip())
        if self.error:
            lines.append(f"  NOT MEASURED: {self.error}")
        return "\n".join(lines)


def _number(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if float(value).is_integer() and abs(value) < 1e4:
        return f"{value:.0f}"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 6)}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(name: str, seconds: Sequence[float], shares: Sequence[float] = (0.5, 0.99)) -> List[Figure]:
    """Percentiles of some times."""
    return [figure(f"{name}, p{share * 100:g}", percentile(seconds, share) * 1000, "ms") for share in shares]
