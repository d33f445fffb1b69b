"""The load: `station-agent simulate`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from .child import BenchmarkError, Child, Exit

SEQUENCE_KEY = "seq"


class Simulator(Child):
    """Simulated `climate` devices that send state messages at a rate, as soon as all are connected."""

    def __init__(
        self,
        binary: Path,
        env: Dict[str, str],
        directory: Path,
        devices: int,
        rate: float,
        qos: int,
        messages: Optional[int] = None,
        station: Optional[str] = None,
    ) -> None:
        """Starts it.

        - `messages`: it ends after so many; otherwise it goes on until it is stopped.
        - `station`: speak under this station's topics although no agent is there to accept the devices; by default they
          are added to the agent's store and wait to be accepted.
        """
        self.devices = devices
        arguments = [str(binary), "simulate", "--type", "climate", "--json", "--sequence-key", SEQUENCE_KEY]
        arguments += ["--count", str(devices), "--rate", str(rate), "--qos", str(qos)]
        if messages is not None:
            arguments += ["--messages", str(messages)]
        arguments += ["--register"] if station is None else ["--station", station, "--without-acceptance"]
        self._path = directory / "simulator.json"
        self._path.write_bytes(b"")
        self._offset = 0
        self._rest = b""
        self.latest: Dict[str, Any] = {}
        self.load_started_at: Optional[float] = None
        self._is_told_to_stop = False
        super().__init__("station-agent simulate", arguments, directory / "simulator.log", env=env, output=self._path)

    def read(self) -> None:
        """Takes in what it has told since the last time; it tells how it is once a second."""
        ended = self.poll()
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            new = file.read()
        self._offset += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                self._take(json.loads(line))
        if ended is not None and ended.code != 0 and not self._is_told_to_stop:
            raise BenchmarkError(f"the simulator ended with {ended.code}: {self.log_tail()}")

    def stop(self, grace: float = 60) -> Exit:
        """Pulls the plugs of all devices."""
        self._is_told_to_stop = True
        ended = super().stop(grace)
        self.read()
        return ended

    def _take(self, report: Dict[str, Any]) -> None:
        self.latest = report
        load = report.get("load")
        if load and self.load_started_at is None:
            self.load_started_at = time.perf_counter() - load["elapsed"]

    def wait_for_load(self, limit: float = 180) -> None:
        """Waits until the devices are connected and send."""
        deadline = time.perf_counter() + limit
        while self.load_started_at is None:
            self.read()
            self.require_running()
            if time.perf_counter() > deadline:
                raise BenchmarkError(f"no load after {limit:.0f} s; the last report was {self.latest}")
            time.sleep(0.02)
        self.require_all_accepted()

    def require_all_accepted(self) -> None:
        """Raises `BenchmarkError` when devices are missing from the load."""
        connected = self.latest.get("connected", 0)
        if self.exit is None and connected < self.devices:
            raise BenchmarkError(f"only {connected} of {self.devices} devices are connected: {self.latest}")

    def sent(self, kind: str = "total") -> int:
        """Messages that were handed to the broker, by their kind, as far as it has told."""
        return int(self.latest.get("sent", {}).get(kind, 0))

    def trouble(self) -> List[str]:
        """What went wrong on the devices' side."""
        names = ("refused", "connections_lost", "connect_failures", "unknown_device", "bad_payloads")
        return [f"{name} {self.latest[name]}" for name in names if self.latest.get(name)]
