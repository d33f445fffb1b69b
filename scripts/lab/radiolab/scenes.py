"""What happens once in a while: daemons that die, an adapter that is pulled out, two at once; and secrets that must not be
found anywhere afterwards."""
import asyncio
import os
import signal
import time

from .esp32 import Esp32
from .rounds import WIFI
from .station import Refused


class Scenes:
    def __init__(self, lab):
        self.lab, self.station = lab, lab.station
        self.number = 0x400

    def device(self, **rest):
        self.number += 1
        device = Esp32(self.lab.air, self.station, f"SH_x{self.number:03x}", self.number, **rest)
        self.lab.devices[device.address] = device
        return device, f"x{self.number:03x}"

    async def discard(self, *devices):
        for device in devices:
            self.lab.tokens += device.tokens()
            await device.throw_away()
            self.lab.devices.pop(device.address)

    async def add(self, live, external):
        await live.wait("provisioning_candidate", 60, externalId=external)
        since = len(live.messages)
        await self.station.ask("POST", "/api/provisioning/add", {"externalId": external, "wifi": WIFI})
        return since

    async def finish(self, live, external, since, limit=200):
        _, last = await live.wait("provisioning_result", limit, since=since, externalId=external)
        assert last["ok"], last

    async def two_at_once(self):
        """Two devices queued together: both online, one connection at a time."""
        (one, first), (two, second) = self.device(), self.device()
        async with self.station.watch() as live:
            await one.power_on()
            await two.power_on()
            for external in (first, second):
                await live.wait("provisioning_candidate", 30, externalId=external)
            begun = time.monotonic()
            answer = await self.station.ask("POST", "/api/provisioning/add-many", {
                "devices": [{"externalId": first}, {"externalId": second}], "wifi": WIFI})
            for external in (first, second):
                await self.finish(live, external, 0)
        spans = sorted(one.connections + two.connections)
        assert len(spans) == 2 and spans[0][1] <= spans[1][0], f"connected at the same time: {spans}"
        took = time.monotonic() - begun
        await self.discard(one, two)
        return f"both online after {took:.1f} s, {len(answer['devices'])} accepted"

    async def bluetoothd_killed(self):
        """bluetoothd killed while a device is connected, started again 2 s later: the device comes online all the same."""
        device, external = self.device(plan=["never-resolves"])
        async with self.station.watch() as live:
            await device.power_on()
            since = await self.add(live, external)
            begun = time.monotonic()
            await live.wait("provisioning_progress", 60, since=since, externalId=external, step="resolving")
            await self.station.kill("bluetoothd")
            await asyncio.sleep(2)
            self.station.start_bluetoothd()
            await self.finish(live, external, since)
        await self.discard(device)
        return f"online {time.monotonic() - begun:.1f} s after “add”"

    async def adapter_pulled_out(self):
        """The adapter is pulled out and plugged in again: the state is told, “add” refused meanwhile, and then all is well."""
        device, external = self.device()
        async with self.station.watch() as live:
            await device.power_on()
            await live.wait("provisioning_candidate", 60, externalId=external)
            since = len(live.messages)
            await self.lab.dongle.pull_out()
            await live.wait("provisioning_adapter", 30, since=since, state="absent")
            try:
                await self.station.ask("POST", "/api/provisioning/add", {"externalId": external, "wifi": WIFI})
                raise AssertionError("accepted without an adapter")
            except Refused as refused:
                assert refused.status == 503 and refused.body["code"] == "adapter_absent", refused
            since, begun = len(live.messages), time.monotonic()
            await self.lab.dongle.plug_in()
            await live.wait("provisioning_adapter", 60, since=since, state="ready")
            ready = time.monotonic() - begun
            await live.wait("provisioning_candidate", 60, since=since, externalId=external)
            since = len(live.messages)
            await self.station.ask("POST", "/api/provisioning/add", {"externalId": external, "wifi": WIFI})
            await self.finish(live, external, since)
        await self.discard(device)
        return f"ready again after {ready:.1f} s, then online"

    async def agent_killed(self):
        """kill -9 of the agent while connected: at its next start it ends that connection, and provisioning works at once."""
        device, external = self.device(plan=["never-resolves"])
        async with self.station.watch() as live:
            await device.power_on()
            since = await self.add(live, external)
            await live.wait("provisioning_progress", 60, since=since, externalId=external, step="resolving")
            assert device.link is not None
            await self.station.kill("agent")
        assert device.link is not None, "the connection ended by itself; this shows nothing"
        self.station.start_agent()
        await self.station.until_well()

        async def is_let_go():
            return device.link is None
        await self.station.until(is_let_go, 30, "the connection of the killed agent is ended")
        begun = time.monotonic()
        async with self.station.watch() as live:
            since = await self.add(live, external)
            await self.finish(live, external, since)
        await self.discard(device)
        return f"online {time.monotonic() - begun:.1f} s after somebody watches again"

    async def secrets(self):
        """The Wi-Fi's password and the devices' tokens are in no log, file, event, error or core; last, as it ends the agent."""
        shown = [str(await self.station.ask("GET", path)) for path in (
            "/api/health", "/api/devices", "/api/device-events", "/api/station")]
        assert any("provision" in text for text in shown)
        await self.station.kill("agent", signal.SIGABRT)
        assert not os.path.exists(f"{self.station.folder}/core"), "the agent left a core"
        folders = (self.station.folder, self.station.out, "/var/lib/bluetooth")
        paths = [os.path.join(place, name) for folder in folders for place, _, names in os.walk(folder) for name in names]
        secrets = [WIFI["password"], *self.lab.tokens]
        assert len(secrets) > 4
        for path in paths:
            # The broker's queue of what it has for a device is its own; the lab keeps no session.
            with open(path, "rb") as file:
                content = file.read()
            for secret in secrets:
                assert secret.encode() not in content, f"a secret is in {path}"
        for secret in secrets:
            assert not any(secret in text for text in shown), "a secret is in an answer of the API"
        return f"{len(secrets)} secrets looked for in {len(paths)} files and {len(shown)} answers; no core"

    ALL = (two_at_once, bluetoothd_killed, adapter_pulled_out, agent_killed, secrets)
