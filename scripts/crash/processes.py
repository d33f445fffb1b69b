"""The station's process, and those that it lives with."""

import os
import signal
import subprocess
import time

from api import API, NotSent, Unanswered


class Child:
    """A program whose output is appended to a log of its own."""

    def __init__(self, workspace, name, arguments, environment=None):
        self.name = name
        self._arguments = [str(argument) for argument in arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._log = workspace.root / f"{name}.log"
        self._process = None

    def start(self):
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                self._arguments, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def exit_code(self):
        return self._process.poll()

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def signal(self, number):
        if self.is_running:
            self._process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self._process:
            self._process.wait()

    def stop(self, seconds=20):
        """Asks it to end; returns the exit code, or None when it had to be killed."""
        self.signal(signal.SIGTERM)
        try:
            return self._process.wait(seconds) if self._process else 0
        except subprocess.TimeoutExpired:
            self.kill()
            return None


def run(workspace, name, arguments, environment=None, input=None):
    """Runs a program to its end; what it says goes to its log as well."""
    outcome = subprocess.run(
        [str(argument) for argument in arguments], env={**os.environ, **(environment or {})}, input=input,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )
    with open(workspace.root / f"{name}.log", "a", encoding="utf-8") as log:
        log.write(outcome.stdout)
    return outcome


class Broker(Child):
    """The station's Mosquitto, with the guard that runs before each start."""

    def __init__(self, workspace, agent):
        self._directory = workspace.disk / "broker"
        self._guard = [agent.program, "broker", "restore", "--dir", self._directory]
        self._workspace, self._agent = workspace, agent
        super().__init__(workspace, "mosquitto", ["mosquitto", "-c", self._directory / "mosquitto.conf"])
        self.guard_failures = 0

    def initialize(self):
        listen = f"127.0.0.1:{self._workspace.mqtt_port}"
        arguments = [self._agent.program, "broker", "init", "--dir", self._directory, "--listen", listen]
        outcome = run(self._workspace, "broker-init", arguments, self._agent.environment)
        if outcome.returncode != 0:
            raise SystemExit(f"The broker could not be set up:\n{outcome.stdout}")

    def start(self):
        if run(self._workspace, "broker-restore", self._guard, self._agent.environment).returncode != 0:
            self.guard_failures += 1
        super().start()

    def drops(self):
        """How often it says that it drops what it has acknowledged."""
        return self._log.read_text(errors="replace").count("Outgoing messages are being dropped")


class Bus(Child):
    """A D-Bus that only this station is on."""

    def __init__(self, workspace):
        self._socket = workspace.root / "bus"
        self.address = f"unix:path={self._socket}"
        arguments = ["dbus-daemon", "--session", f"--address={self.address}", "--nofork", "--nopidfile"]
        super().__init__(workspace, "dbus-daemon", arguments)

    def start(self):
        self._socket.unlink(missing_ok=True)
        super().start()


class Agent(Child):
    """`station-agent run`, started again as systemd would."""

    TOKEN = "crash-test-agent-token"
    RESTART_PAUSE = 2

    def __init__(self, workspace, program, bus_address, flush_interval):
        self.program = program
        self.environment = {
            "DATA_DIR": str(workspace.disk / "data"), "HOST": "127.0.0.1", "PORT": str(workspace.http_port),
            "MQTT_URL": f"mqtt://127.0.0.1:{workspace.mqtt_port}", "AGENT_TOKEN": self.TOKEN,
            "CLOUD_HOST": f"ws://127.0.0.1:{workspace.cloud_port}", "DBUS_SYSTEM_BUS_ADDRESS": bus_address,
            "TELEMETRY_FLUSH_INTERVAL": f"{flush_interval:g}s", "LOG_FORMAT": "text", "LOG_LEVEL": "notice",
            # One sign-in serves a whole run, whatever it does to the clock.
            "JWT_EXPIRES_IN": "30d", "MQTT_CREDENTIALS_TTL": "30d",
        }
        super().__init__(
            workspace, "agent", [program, "run"], {**self.environment, **workspace.clock.environment}
        )
        self._api = API(workspace.http_port, timeout=5)
        # (seconds since the start of the process, exit code) of each end that nobody asked for.
        self.own_ends = []
        self.started_at = 0.0

    def start(self):
        super().start()
        self.started_at = time.monotonic()

    def look_after(self):
        """Starts it again if it has ended by itself."""
        if self.is_running:
            return
        self.own_ends.append((time.monotonic() - self.started_at, self.exit_code))
        time.sleep(self.RESTART_PAUSE)
        self.start()

    def health(self):
        """The checks of health, or None."""
        try:
            answer = self._api.request("GET", "/health")
            return answer.json["checks"] if answer.status == 200 else None
        except (NotSent, Unanswered, ValueError, KeyError):
            return None

    def wait_until_healthy(self, seconds=90):
        """Returns how long after its start store and broker were well; None when they were not in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look_after()
            checks = self.health()
            # Who may log in at the broker is looked at apart.
            if checks and checks["store"]["status"] == "ok" and checks["mqtt"]["detail"].startswith("connected to"):
                return time.monotonic() - self.started_at
            time.sleep(0.03)
        return None
