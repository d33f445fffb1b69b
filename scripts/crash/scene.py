"""One station with all that it lives with, and what happens to it in a cycle."""

import random
import signal
import time

from api import API
from check import Check, CheckFailed
from cloud import CHANNELS, Cloud
from faults import Deck, DiskFull
from ledger import Ledger
from load import PASSWORD, Load
from meters import Meter, Meters
from sabotage import Sabotage
from processes import Agent, Broker, Bus, Child
from workspace import Filler

METERS = 3
OWNER = {"email": "owner@example.com", "password": PASSWORD}
# Exit codes that say “not now” (sysexits): tolerated while the disk is full.
NOT_NOW = (70, 74, 75)


class NotWell(Exception):
    """The station does not come back: there is nothing more to be tried."""


class Cycle:
    """What happened in one cycle, for its line."""

    def __init__(self, number, fault, ending):
        self.number, self.fault, self.ending = number, fault, ending
        self.ran = 0.0
        self.was_active = False
        self.is_quiet = False
        self.healthy_after = None
        self.starts = 0


class Scene:
    def __init__(self, workspace, options):
        self.workspace, self.options = workspace, options
        self.filler = Filler(workspace.disk)
        self.bus = Bus(workspace)
        self.agent = Agent(workspace, options.agent, self.bus.address, options.flush)
        self.broker = Broker(workspace, self.agent)
        self.lab = Child(workspace, "lab-cloud", [
            options.agent, "lab-cloud", "serve", "--port", workspace.cloud_port, "--claim-all",
        ])
        self.simulator = Child(workspace, "simulate", [
            options.agent, "simulate", "--register", "--type", "climate", "--count", options.devices,
            "--rate", options.rate, "--sequence-key", "seq", "--json",
        ], self.agent.environment)
        self.cloud = Cloud(workspace.cloud_port)
        self.ledger = Ledger()
        self.deck = Deck(options.seed, workspace, options.only)
        self._chance = random.Random(f"{options.seed}-times")
        self.restart_times, self.recovery_times = [], []
        self.cycles = []
        self.sabotage = Sabotage(self) if options.sabotage else None
        # How often it ended and said “not now” while its disk was full.
        self.not_now = 0
        # Ends of the station that nothing excuses.
        self.faults = []

    # MARK: Before and after

    def set_up(self):
        self.broker.initialize()
        self.broker.start()
        self.bus.start()
        self.lab.start()
        self.agent.start()
        if self.agent.wait_until_healthy(60) is None:
            raise SystemExit(f"The station does not become well; see {self.workspace.root}/agent.log.")
        api = API(self.workspace.http_port)
        self._expect(api.request("POST", "/api/auth/register", {**OWNER, "name": "Owner"}))
        signed_in = self._expect(api.request("POST", "/api/auth/login", OWNER))
        token = signed_in["accessToken"]
        api = API(self.workspace.http_port, token)
        self._until("the station is claimed", lambda: self._expect(
            api.request("GET", "/api/cloud/status"))["state"] == "authenticated")
        reply = self._expect(self.cloud.post(
            "/lab/rpc", {"method": "station.setActiveChannels", "params": {"channels": CHANNELS}}))
        if "result" not in reply:
            raise SystemExit(f"The cloud's channels could not be set: {reply}")
        made = [
            self._expect(api.request("POST", "/api/devices", {"name": name, "externalId": name}))
            for name in [f"meter-{number}" for number in range(METERS)]
        ]
        meters = [
            Meter(one["device"]["externalId"], self.workspace.mqtt_port, one["token"]) for one in made
        ]
        ids = [one["device"]["id"] for one in made]
        self.meters = Meters(meters, ids, self.workspace, token, self.options.flush)
        self.load = Load(self.options.clients, self.options.seed, self.workspace.http_port, token, self.ledger)
        self.load.clients[0].session = signed_in["refreshToken"]
        self.check = Check(
            self.workspace, self.ledger, self.load, self.meters, self.cloud, token, self.options.seed)
        self.check.place = self._watch_level(api, made[0]["device"])
        self.simulator.start()
        wanted = self.options.devices + METERS
        self._until("the simulated devices are there", lambda: len(
            self._expect(api.request("GET", "/api/devices"))) == wanted)
        self.check.note_others()
        self.cloud.start()
        self.meters.start()
        self.load.start()

    def _watch_level(self, api, device):
        """Alerts come and go with what the first meter reports."""
        path = f"/api/places/{device['placeId']}/devices/{device['id']}/sensors"
        sensor = self._expect(api.request("POST", path, {"key": "level", "name": "Level"}))["sensor_id"]
        threshold = {"type": "max", "value": Meter.THRESHOLD, "severity": "warning", "clear_band": 1}
        self._expect(api.request("POST", f"{path}/{sensor}/thresholds", threshold))
        return device["placeId"]

    def tear_down(self):
        for child in (self.simulator, self.agent, self.broker, self.bus, self.lab):
            child.signal(signal.SIGCONT)
            child.kill()
        self.filler.end()

    @staticmethod
    def _expect(answer):
        if not answer.is_done:
            raise SystemExit(f"The station could not be set up: {answer}")
        return answer.json

    @staticmethod
    def _until(what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"It does not come about that {what}.")
            time.sleep(0.1)

    # MARK: A cycle

    def cycle(self, number):
        cycle = Cycle(number, self.deck.fault(self), self.deck.ending())
        self.cycles.append(cycle)
        self._look_after_others()
        # With less to do less is written because so much waits, and more because of the time.
        cycle.is_quiet = self._chance.random() < 1 / 3
        self.simulator.signal(signal.SIGSTOP if cycle.is_quiet else signal.SIGCONT)
        self.load.go()
        ended_at = self._run_and_end(cycle)
        self.load.pause()
        if self.sabotage and number == self.options.cycles:
            self.sabotage.commit()
        self._start_again(cycle)
        if not self.meters.wait_until_seen():
            self.faults.append(f"cycle {number}: what devices report does not arrive 30 s after the station is well")
        try:
            self.check.run(ended_at)
        except CheckFailed as failure:
            self.faults.append(f"cycle {number}: {failure}")
        return cycle

    def _look_after_others(self):
        if not self.simulator.is_running:
            self.faults.append(f"the simulator has ended: {self.simulator.exit_code}")
            self.simulator.start()

    def _run_and_end(self, cycle):
        """The load, the fault in it or across its end, and the end. Returns when that was."""
        fault = cycle.fault
        begin = time.monotonic()
        cycle.ran = self._chance.uniform(0.3, self.options.longest)
        if self.sabotage:
            # Some readings are to be old enough.
            cycle.ran = self.options.longest
        fault_at = begin + self._chance.uniform(0, cycle.ran)
        self._wait(fault_at, cycle)
        fault.begin()
        cycle.was_active = fault.lasts and fault_at + fault.seconds > begin + cycle.ran
        if fault.lasts and not cycle.was_active:
            self._wait(fault_at + fault.seconds, cycle)
            fault.end()
        self._wait(begin + cycle.ran, cycle)
        if cycle.ending != "stop":
            ended_at = time.monotonic()
            self.meters.killed()
            self.agent.kill()
            return ended_at
        window = self.meters.excuse("SIGTERM", before=0.3)
        code = self.agent.stop()
        window.over = time.monotonic()
        if code != 0 and not (cycle.was_active and isinstance(fault, DiskFull)):
            self.faults.append(f"cycle {cycle.number}: exit code {code} after SIGTERM")
        return window.begin

    def _start_again(self, cycle):
        fault = cycle.fault
        lifts_late = cycle.was_active and self._chance.random() < 0.5
        if cycle.was_active and not lifts_late:
            fault.end()
        self.agent.start()
        cycle.starts += 1
        if cycle.ending == "kill -9 at start":
            for _ in range(self._chance.randint(1, 3)):
                self._wait(time.monotonic() + self._chance.uniform(0, 0.8), cycle)
                self.meters.killed()
                self.agent.kill()
                self.agent.start()
                cycle.starts += 1
        if lifts_late:
            self._wait(time.monotonic() + self._chance.uniform(0.5, 3), cycle)
            fault.end()
        lifted_at = time.monotonic()
        seconds = self._become_healthy(cycle)
        if lifts_late:
            seconds = time.monotonic() - lifted_at
        (self.recovery_times if lifts_late else self.restart_times).append(seconds)
        cycle.healthy_after = seconds

    def _become_healthy(self, cycle):
        seconds = self.agent.wait_until_healthy()
        self._judge_own_ends(cycle)
        if seconds is None:
            raise NotWell(f"cycle {cycle.number}: not well 90 s after the start: {self.agent.health()}")
        return seconds

    def _wait(self, until, cycle):
        """Time passes; an agent that ends by itself is started again, as systemd would."""
        while (rest := until - time.monotonic()) > 0:
            if not self.agent.is_running:
                self.meters.killed()
                self.agent.look_after()
                self._judge_own_ends(cycle)
            time.sleep(min(rest, 0.05))

    def _judge_own_ends(self, cycle):
        for seconds, code in self.agent.own_ends:
            if isinstance(cycle.fault, DiskFull) and code in NOT_NOW:
                self.not_now += 1
                continue
            self.faults.append(
                f"cycle {cycle.number}: the agent ended by itself after {seconds:.1f} s with {code} "
                f"({cycle.fault.name})")
        self.agent.own_ends.clear()

    # MARK: The end of all

    def finish(self):
        """All that waited is written and told; then nothing at all may be missing."""
        try:
            self.check.run(time.monotonic() - self.options.flush - 5, must_deliver=True)
            self.check.check_everything_on_record()
        except CheckFailed as failure:
            self.faults.append(f"at the end: {failure}")
        window = self.meters.excuse("SIGTERM", before=0.3)
        code = self.agent.stop()
        if code != 0:
            self.faults.append(f"at the end: exit code {code} after SIGTERM")
        self.meters.check(window.begin)
        for loss in self.meters.losses:
            self.ledger.lose("reading", loss)
        self.faults.extend(self.cloud.faults)
