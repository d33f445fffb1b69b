"""What is done to the station and its neighbours besides its own end."""

import random
import signal
import time

CLOCK_OFFSETS = (-86_400, -3_600, 0, 0, 3_600, 86_400)

# So much may wait in a broker for an agent that has much to do: it does not outlive the broker.
BROKER_QUEUE = 3.0


class Fault:
    name = ""
    # Some are over at once.
    lasts = True
    # How long it lasts.
    shortest, longest = 0.2, 3.0

    def __init__(self, scene, chance):
        self.scene = scene
        self.seconds = chance.uniform(self.shortest, self.longest)
        self.chance = chance

    def begin(self):
        pass

    def end(self):
        pass


class Nothing(Fault):
    name = "-"
    lasts = False


class BrokerKilled(Fault):
    name = "broker killed"

    def begin(self):
        self.window = self.scene.meters.excuse("broker", before=BROKER_QUEUE)
        self.scene.broker.kill()

    def end(self):
        self.scene.broker.start()
        self.window.over = time.monotonic()


class BrokerRestarted(BrokerKilled):
    name = "broker restarted"

    def begin(self):
        self.window = self.scene.meters.excuse("broker", before=BROKER_QUEUE)
        self.scene.broker.stop()


class BrokerFrozen(Fault):
    name = "broker frozen"
    longest = 5.0

    def begin(self):
        self.window = self.scene.meters.excuse("broker", before=BROKER_QUEUE)
        self.scene.broker.signal(signal.SIGSTOP)

    def end(self):
        self.scene.broker.signal(signal.SIGCONT)
        self.window.over = time.monotonic()


class BusRestarted(Fault):
    name = "D-Bus restarted"

    def begin(self):
        self.scene.bus.kill()

    def end(self):
        self.scene.bus.start()


class DiskFull(Fault):
    name = "disk full"
    shortest, longest = 1.0, 8.0

    def begin(self):
        self.window = self.scene.meters.disk_is_full()
        self.scene.filler.begin()

    def end(self):
        self.scene.filler.end()
        self.scene.meters.disk_has_room(self.window)


class ClockStepped(Fault):
    name = "clock stepped"
    lasts = False

    def begin(self):
        choices = [offset for offset in CLOCK_OFFSETS if offset != self.scene.workspace.clock.offset]
        self.scene.workspace.clock.set(self.chance.choice(choices))


class CloudDropped(Fault):
    name = "cloud dropped"
    lasts = False

    def begin(self):
        self.scene.cloud.post("/lab/misbehave", {"kind": "drop"})


class Deck:
    """Every fault as often as any other, in an order that depends on the seed alone."""

    ENDS = ["kill -9"] * 6 + ["kill -9 at start"] * 3 + ["stop"]

    def __init__(self, seed, workspace, only=None):
        self._random = random.Random(f"{seed}-deck")
        self._faults = [
            Nothing, BrokerKilled, BrokerRestarted, BrokerFrozen, BusRestarted, DiskFull, ClockStepped, CloudDropped,
        ]
        if not workspace.is_mounted:
            self._faults.remove(DiskFull)
        if not workspace.clock.can_step:
            self._faults.remove(ClockStepped)
        if only:
            self._faults = [fault for fault in self._faults if fault.name == only]
        if not self._faults:
            raise SystemExit(f"There is no fault “{only}” here.")
        self._piles = {}

    def _draw(self, name, cards):
        pile = self._piles.setdefault(name, [])
        if not pile:
            pile.extend(cards)
            self._random.shuffle(pile)
        return pile.pop()

    def fault(self, scene):
        return self._draw("fault", self._faults)(scene, random.Random(self._random.random()))

    def ending(self):
        return self._draw("end", self.ENDS)
