"""The station under test: real bluetoothd, real broker, the release binary; and its HTTP API and WebSocket as a person's
browser uses them."""
import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import time
import urllib.error
import urllib.request

import websockets

OWNER, OWNER_PASSWORD = "owner@example.com", "owner-password-of-the-lab"
HTTP_PORT, BROKER_PORT = 3000, 1883
URL = f"http://127.0.0.1:{HTTP_PORT}"


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class Live:
    """A browser that watches: every message with the time at which it came."""

    def __init__(self, socket):
        self.socket, self.messages, self.news, self.is_open = socket, [], asyncio.Condition(), True
        self.reading = asyncio.ensure_future(self.read())

    async def read(self):
        try:
            async for text in self.socket:
                async with self.news:
                    self.messages.append((time.monotonic(), json.loads(text)))
                    self.news.notify_all()
        except websockets.ConnectionClosed:
            pass    # By a kill of the agent, or by the agent: `wait` says so.
        async with self.news:
            self.is_open = False
            self.news.notify_all()

    async def wait(self, kind, limit, since=0, **fields):
        """The first message of that kind with those fields, of those that came after the first `since`."""
        def found():
            return next((entry for entry in self.messages[since:] if entry[1].get("type") == kind
                         and all(entry[1].get(key) == value for key, value in fields.items())), None)
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: found() or not self.is_open), limit)
        if found() is None:
            raise ConnectionError(f"the WebSocket was closed before {kind} came: {self.socket.close_reason}")
        return found()


class Station:
    def __init__(self, out, agent, log_level):
        self.out, self.agent = out, agent
        self.folder = "/tmp/station"
        self.environment = dict(
            os.environ, DATA_DIR=f"{self.folder}/data", HOST="127.0.0.1", PORT=str(HTTP_PORT), LOG_LEVEL=log_level,
            # A debug build would spend minutes on describing the abort at the end.
            SWIFT_BACKTRACE="enable=no", LOG_FORMAT="text", JWT_EXPIRES_IN="12h", MQTT_URL=f"mqtt://127.0.0.1:{BROKER_PORT}", MQTT_PUBLIC_HOST="127.0.0.1")
        self.processes = {}
        self.token = None

    # Processes.

    def start(self, name, *command, log=None, **rest):
        with open(f"{self.out}/{log or name}.log", "ab") as file:
            self.processes[name] = subprocess.Popen(command, stdout=file, stderr=file, **rest)

    async def kill(self, name, number=signal.SIGKILL):
        process = self.processes.pop(name)
        process.send_signal(number)
        return await asyncio.to_thread(process.wait)

    def start_bluetoothd(self):
        self.start("bluetoothd", "/usr/libexec/bluetooth/bluetoothd", "-n", "-d")

    def start_agent(self):
        # As many bytes of core as it likes: that there is none is the agent's own doing.
        self.start("agent", self.agent, "run", env=self.environment, cwd=self.folder, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))

    async def begin(self):
        os.makedirs(self.folder, mode=0o700)
        with open("/proc/sys/kernel/core_pattern", "w", encoding="ascii") as file:
            file.write(f"{self.folder}/core")
        await self.tool("broker", "init", "--dir", f"{self.folder}/broker", "--listen", f"127.0.0.1:{BROKER_PORT}")
        await self.tool("user", "add", OWNER, "--name", "Owner", input=OWNER_PASSWORD)
        self.start_bluetoothd()
        self.start("mosquitto", "/usr/sbin/mosquitto", "-c", f"{self.folder}/broker/mosquitto.conf")
        self.start_agent()
        await self.until_well()

    async def tool(self, *arguments, input=""):
        await asyncio.to_thread(
            subprocess.run, [self.agent, *arguments], env=self.environment, input=input.encode(), check=True,
            stdout=subprocess.DEVNULL)

    async def until_well(self):
        await self.until(self.is_well, 60, "the agent is well")
        self.token = (await self.ask("POST", "/api/auth/login", {"email": OWNER, "password": OWNER_PASSWORD}))["accessToken"]

    async def is_well(self):
        try:
            return (await self.ask("GET", "/api/health"))["checks"]["mqtt"]["status"] == "ok"
        except OSError:
            return False

    @staticmethod
    async def until(condition, limit, what):
        end = time.monotonic() + limit
        while not await condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {limit} s")
            await asyncio.sleep(0.1)

    # The API.

    async def ask(self, method, path, body=None):
        return await asyncio.to_thread(self.ask_at_once, method, path, body)

    def ask_at_once(self, method, path, body):
        request = urllib.request.Request(URL + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read())) from None

    @contextlib.asynccontextmanager
    async def watch(self):
        async with websockets.connect(
                f"ws://127.0.0.1:{HTTP_PORT}/ws/provisioning",
                additional_headers={"Authorization": f"Bearer {self.token}"}) as socket:
            live = Live(socket)
            try:
                yield live
            finally:
                live.reading.cancel()

    def resident_memory(self):
        """KiB of its own that the agent holds."""
        with open(f"/proc/{self.processes['agent'].pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))
