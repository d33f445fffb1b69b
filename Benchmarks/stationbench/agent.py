"""The agent under test: its process, its readiness, its HTTP API and its store."""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, Optional

from .broker import Broker
from .child import BenchmarkError, Child, Exit, free_port

READY_LIMIT = 60.0


class Agent(Child):
    """`station-agent run` on a data directory of its own, ready when the initialiser returns."""

    def __init__(self, binary: Path, directory: Path, broker: Broker) -> None:
        """Starts it with `directory`/data, which may be there from an earlier run."""
        data = directory / "data"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.binary = binary
        self.store = data / "station.sqlite"
        self.port = free_port()
        self.token = ""
        self.env = agent_environment(data, broker)
        self.env.update(HOST="127.0.0.1", PORT=str(self.port), JWT_EXPIRES_IN="12h")
        self._http: Optional[http.client.HTTPConnection] = None
        # A path for a socket may have 107 bytes at most: not below `directory`.
        with tempfile.TemporaryDirectory(prefix="bench-") as short:
            self._notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._notifications.bind(f"{short}/notify")
            env = {**self.env, "NOTIFY_SOCKET": f"{short}/notify"}
            super().__init__("station-agent", [str(binary), "run"], directory / "agent.log", env=env)
            try:
                self.seconds_to_ready = self._wait_until_ready() - self.started_at
                self._sign_in()
            except BaseException:
                self.stop()
                raise

    def _sign_in(self) -> None:
        """As the owner, who sets the station up unless an earlier run has."""
        account = {"email": "owner@example.com", "password": "bench-password"}
        if json.loads(self.request("GET", "/api/auth/status"))["setupRequired"]:
            self.request("POST", "/api/auth/register", account)
        self.token = json.loads(self.request("POST", "/api/auth/login", account))["accessToken"]

    def _wait_until_ready(self) -> float:
        deadline = self.started_at + READY_LIMIT
        while time.perf_counter() < deadline:
            if select.select([self._notifications], [], [], 0.1)[0]:
                if b"READY=1" in self._notifications.recv(4096).split(b"\n"):
                    return time.perf_counter()
            self.require_running()
        raise BenchmarkError(f"the agent was not ready after {READY_LIMIT:.0f} s: {self.log_tail()}")

    def stop(self, grace: float = 20) -> Exit:
        """Ends it in good order."""
        if self._http is not None:
            self._http.close()
            self._http = None
        ended = super().stop(grace)
        self._notifications.close()
        return ended

    def request(self, method: str, path: str, body: Optional[object] = None) -> bytes:
        """The body of the answer, over a connection that is kept."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        for is_last in (False, True):
            if self._http is None:
                self._http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._http.request(method, path, data, headers)
                response = self._http.getresponse()
                answer = response.read()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # The server ends connections that were idle for a while.
                self._http.close()
                self._http = None
                self.require_running()
                if is_last:
                    raise
        if response.status >= 300:
            raise BenchmarkError(f"{method} {path} → {response.status}: {answer[:500].decode(errors='replace')}")
        return answer

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return json.loads(self.request("GET", path))

    def metrics(self) -> Metrics:
        """The counters just now."""
        self._take_notifications()
        return Metrics(self.request("GET", "/metrics").decode())

    def _take_notifications(self) -> None:
        # An unread queue of datagrams would in the end hold up who writes into it.
        while select.select([self._notifications], [], [], 0)[0]:
            self._notifications.recv(4096)

    def open_store(self) -> sqlite3.Connection:
        """The store, for reading."""
        return sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10)


class Metrics:
    """A page of Prometheus' text format."""

    def __init__(self, text: str) -> None:
        self._values: Dict[str, float] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                self._values[series] = float(value)

    def total(self, name: str) -> float:
        """The sum over all labels; 0 for what has never been counted."""
        return sum(value for series, value in self._values.items() if series.partition("{")[0] == name)

    @property
    def messages(self) -> int:
        """Messages of devices that were taken up."""
        return int(self.total("station_mqtt_messages_total"))

    def faults(self, since: Metrics) -> Dict[str, int]:
        """Everything that did not simply take effect, by counter; only what is not 0.

        - `since`: the counters when the load began. Of messages of unknown devices only those that came later are
          faults: before, a device may speak in the moment in which it is being added.
        """
        names = ("station_mqtt_rejected_total", "station_states_coalesced_total", "station_rows_dropped_total")
        faults = {}
        for series, value in self._values.items():
            if series.partition("{")[0] in names:
                earlier = since._values.get(series, 0) if "unknown_device" in series else 0
                if value > earlier:
                    faults[series] = int(value - earlier)
        return faults


def agent_environment(data: Path, broker: Broker) -> Dict[str, str]:
    """What commands of the agent need to find the store and the broker.

    The limit for single devices is lifted: a load that few devices bring is not to be merged.
    """
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", "/"),
        "DATA_DIR": str(data),
        "MQTT_URL": broker.url,
        "DEVICES_MAX_RATE": "100000",
        "DEVICES_MAX_BURST": "1000000",
        "LOG_LEVEL": "warning",
    }
