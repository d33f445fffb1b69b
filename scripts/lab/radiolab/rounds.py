"""The rounds: the same devices with the same faults, provisioned by the station and by bleak."""
import asyncio
import json
import sys
import time

from .esp32 import Esp32

WIFI = {"ssid": "Casa", "password": "wifi-password-of-the-lab-4711"}

# Ten rounds, over and over: name, what happens at each connection attempt, MTU, and whether it must end online.
# A device that refuses for good cannot be provisioned: there, being told so at once is what is wanted.
MIX = [
    ("plain", [], 255, True),
    ("one packet", [], 517, True),
    ("MTU 23", [], 23, True),
    ("vanishes while connecting", ["vanish"], 255, True),
    ("hangs up in discovery", ["drop-discovery"], 255, True),
    ("never resolves, once", ["never-resolves"], 255, True),
    ("drops mid-write", ["drop-mid-write"], 23, True),
    ("reboots unanswered", ["reboot-unanswered"], 255, True),
    ("reboots right after", ["reboot-answered"], 23, True),
    ("refuses", ["refuse"] * 9, 255, False),
]


def mix(count, only_plain=False):
    return [MIX[0] if only_plain else MIX[number % len(MIX)] for number in range(count)]


class Round:
    """What one provisioning came to; times in seconds."""

    def __init__(self, name, must_succeed):
        self.name, self.must_succeed = name, must_succeed
        self.found = self.handed = self.written = self.online = None
        self.ok, self.error, self.steps, self.attempts, self.tokens = False, None, [], 0, []

    def as_wanted(self):
        return self.ok if self.must_succeed else not self.ok and self.error is not None

    def to_json(self):
        return {key: value for key, value in vars(self).items() if key != "tokens"}


async def by_station(station, air, devices, number, kind):
    """Found on the WebSocket, added, followed step by step until the device is online by the API's word."""
    name, plan, mtu, must_succeed = kind
    result = Round(name, must_succeed)
    external = f"s{number:03d}"
    device = Esp32(air, station, f"SH_{external}", number, plan=plan, mtu=mtu)
    devices[device.address] = device
    try:
        async with station.watch() as live:
            begun = time.monotonic()
            await device.power_on()
            at, _ = await live.wait("provisioning_candidate", 30, externalId=external)
            result.found = at - begun
            added = time.monotonic()
            answer = await station.ask("POST", "/api/provisioning/add", {"externalId": external, "name": name, "wifi": WIFI})
            at, last = await live.wait("provisioning_result", 300, externalId=external)
            result.ok, result.error = last["ok"], last.get("error")
            steps = [(moment, message["step"]) for moment, message in live.messages
                     if message["type"] == "provisioning_progress" and message["externalId"] == external]
            result.steps = [step for _, step in steps]
            moments = {step: moment for moment, step in reversed(steps)}     # the first of each
            if "waiting_for_device" in moments:
                result.written = moments["waiting_for_device"] - added
                result.handed = moments["waiting_for_device"] - moments["connecting"]
            if result.ok:
                result.online = at - added
                row = await station.ask("GET", f"/api/devices/{answer['deviceId']}")
                if row["status"] != "online" or not (device.life and device.life.is_acknowledged):
                    result.ok, result.error = False, f"said to be online, but is {row['status']}"
    except Exception as error:     # A round that breaks is a round that failed; the next one goes on.
        result.error = f"{type(error).__name__}: {error}"
    result.attempts, result.tokens = device.attempts, device.tokens()
    await device.throw_away()
    devices.pop(device.address)
    return result


class Rival:
    """bleak in a process of its own, kept warm, told what to do line by line."""

    def __init__(self, out):
        self.out, self.process = out, None

    async def begin(self):
        with open(f"{self.out}/bleak.log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "radiolab.rival", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=log)
        await self.process.stdout.readline()

    async def provision(self, **order):
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), 300))

    async def end(self):
        self.process.stdin.close()
        await self.process.wait()


async def by_bleak(rival, air, devices, number, kind, tries):
    """The same device and payload; there is no broker in it, so it ends at “written”."""
    name, plan, mtu, must_succeed = kind
    result = Round(name, must_succeed)
    device = Esp32(air, None, f"SH_b{number:03d}", 0x800 + number, plan=plan, mtu=mtu, joins_broker=False)
    devices[device.address] = device
    try:
        await device.power_on()
        payload = {**WIFI, "mqtt_host": "127.0.0.1", "mqtt_port": 1883, "device_id": f"b{number:03d}",
                   "device_token": "x" * 43, "station_id": "01980000-0000-7000-8000-000000000000"}
        answer = await rival.provision(name=device.name, payload=json.dumps(payload), tries=tries)
        result.found = answer.get("found")
        result.handed = result.written = answer.get("written")
        result.ok, result.error = answer["ok"] and bool(device.stored), answer.get("error")
    except Exception as error:
        result.error = f"{type(error).__name__}: {error}"
    result.attempts = device.attempts
    await device.throw_away()
    devices.pop(device.address)
    return result
