"""Where and how much is measured."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Workplace:
    """What every measurement gets."""

    binary: Path
    """The agent's release binary."""
    root: Path
    """On a real disk; every run has a directory of its own below it."""
    is_quick: bool = False
    """Short runs: to see that everything works, not to compare."""
    is_long: bool = False
    """Long enough to see what happens every ten minutes, too."""

    @property
    def hello(self) -> Path:
        """The bare Hummingbird server, which is built beside the agent."""
        return self.binary.parent / "HelloServer"

    @contextmanager
    def directory(self, name: str) -> Iterator[Path]:
        """A new directory that is gone at the end."""
        path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.root))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def pick(self, normal: Value, quick: Value) -> Value:
        """One of two sizes."""
        return quick if self.is_quick else normal

    def say(self, text: str) -> None:
        """Tells what is going on, beside the results."""
        print(f"  … {text}", file=sys.stderr, flush=True)
