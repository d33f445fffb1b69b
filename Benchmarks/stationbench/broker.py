"""A private Mosquitto, and the client that the agent is compared with."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Optional, Sequence

from .child import BenchmarkError, Child, free_port

STATE_TOPIC = "station/+/device/+/state"
DEVICE_TOPICS = tuple(f"station/+/device/+/{suffix}" for suffix in ("handshake", "state", "event", "heartbeat"))
"""What the agent subscribes to (without the second dialect, of which nothing is sent)."""


class Broker(Child):
    """Mosquitto as Debian has it, but without persistence and without a limit to a client's queue.

    With the limit it would drop messages of a client that is behind, and a rate would say nothing.
    """

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        directory.mkdir(parents=True, exist_ok=True)
        self._messages = directory / "broker.txt"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence false",
            "max_queued_messages 0",
            f"log_dest file {self._messages}",
            "log_type error",
            "log_type warning",
            "log_type subscribe",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # it would become `mosquitto`, which cannot write into the directory
        configuration = directory / "mosquitto.conf"
        configuration.write_text("\n".join(lines) + "\n")
        super().__init__("mosquitto", ["mosquitto", "-c", str(configuration)], directory / "broker.log")
        self.wait_until_it_accepts(self.port)

    def wait_for_subscription(self, client_id: str, topic: str) -> None:
        """Waits until a client has subscribed, so that it misses nothing."""
        deadline = time.perf_counter() + 10
        while not any(
            f" {client_id} " in line and line.endswith(f" {topic}")
            for line in self._messages.read_text(errors="replace").splitlines()
        ):
            if time.perf_counter() > deadline:
                raise BenchmarkError(f"{client_id} has not subscribed to {topic} within 10 s")
            time.sleep(0.01)


class Subscriber(Child):
    """`mosquitto_sub` that prints all messages to /dev/null."""

    def __init__(
        self,
        broker: Broker,
        directory: Path,
        qos: int,
        topics: Sequence[str] = (STATE_TOPIC,),
        messages: Optional[int] = None,
    ) -> None:
        """Subscribes. With `messages` it ends after so many."""
        client_id = "bench-subscriber"
        arguments = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-i", client_id, "-q", str(qos)]
        for topic in topics:
            arguments += ["-t", topic]
        if messages is not None:
            arguments += ["-C", str(messages)]
        super().__init__("mosquitto_sub", arguments, directory / "mosquitto_sub.log", output=Path(os.devnull))
        try:
            broker.wait_for_subscription(client_id, topics[-1])
        except BaseException:
            self.stop()
            raise
