"""Child processes that do not outlive the benchmark."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, TypeVar

from . import procfs

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
AnyChild = TypeVar("AnyChild", bound="Child")


class BenchmarkError(Exception):
    """A measurement could not be made; the text says why."""


class Exit(NamedTuple):
    """How a child ended."""

    code: int
    at: float
    """`time.perf_counter()` when it was noticed."""
    cpu: float
    """User and system seconds of its whole life."""
    io: Dict[str, int]


def free_port() -> int:
    """A TCP port on which nobody listens just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def die_with_parent() -> None:
    """Has the kernel end this process with the benchmark, even when that is killed with SIGKILL."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A child process; as a context manager it is stopped at the end, whatever happens.

    It has a session of its own: Ctrl-C reaches the benchmark alone, which then stops its children in order.
    """

    def __init__(
        self,
        name: str,
        arguments: List[str],
        log: Path,
        env: Optional[Dict[str, str]] = None,
        output: Optional[Path] = None,
    ) -> None:
        """Starts it. Its errors go to `log`, what it prints to `output` (by default `log` too)."""
        self.name = name
        self.log = log
        self.exit: Optional[Exit] = None
        with open(log, "ab") as errors, open(output or log, "ab") as printed:
            self.started_at = time.perf_counter()
            self._process = subprocess.Popen(
                arguments,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=errors,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.pid = self._process.pid

    def __enter__(self: AnyChild) -> AnyChild:
        return self

    def __exit__(self, _: object, error: Optional[BaseException], __: object) -> None:
        # When a peer has ended, that is the reason, not the broken connection that somebody noticed.
        if isinstance(error, OSError):
            self.require_running()
        self.stop()

    def poll(self) -> Optional[Exit]:
        """How it ended; `None` while it runs."""
        if self.exit is None:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                at = time.perf_counter()
                counters = procfs.io(self.pid)
                _, status, usage = os.wait4(self.pid, 0)
                code = os.waitstatus_to_exitcode(status)
                self._process.returncode = code
                self.exit = Exit(code, at, usage.ru_utime + usage.ru_stime, counters)
        return self.exit

    def cpu(self) -> float:
        """Its user and system seconds so far."""
        ended = self.poll()
        return ended.cpu if ended else procfs.cpu_seconds(self.pid)

    def wait(self, seconds: float) -> Optional[Exit]:
        """Waits for its end; `None` when that did not come in time."""
        deadline = time.perf_counter() + seconds
        while self.poll() is None and time.perf_counter() < deadline:
            time.sleep(0.005)
        return self.exit

    def stop(self, grace: float = 20) -> Exit:
        """Ends it with SIGTERM, or with SIGKILL when that takes too long."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            if self.wait(grace) is None:
                os.kill(self.pid, signal.SIGKILL)
                self.wait(grace)
        if self.exit is None:
            raise BenchmarkError(f"{self.name} ({self.pid}) cannot be stopped")
        return self.exit

    def wait_until_it_accepts(self, port: int) -> None:
        """Waits for the child to listen; stops it when it does not."""
        deadline = time.perf_counter() + 10
        try:
            while True:
                self.require_running()
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    return
                except OSError as error:
                    if time.perf_counter() > deadline:
                        raise BenchmarkError(f"{self.name} does not accept on port {port}") from error
                    time.sleep(0.01)
        except BaseException:
            self.stop()
            raise

    def require_running(self) -> None:
        """Raises `BenchmarkError` with the end of its log when it has ended."""
        ended = self.poll()
        if ended is not None:
            raise BenchmarkError(f"{self.name} ended with {ended.code}: {self.log_tail()}")

    def log_tail(self, length: int = 1500) -> str:
        """The end of what it wrote to its log."""
        return self.log.read_text(errors="replace")[-length:].strip() or "it wrote nothing"
