"""What the station has acknowledged, and so must have for ever after.

A write that was answered with 2xx is acknowledged. One that was not answered, or answered with 5xx, may have been done
or not; whatever it concerns is *unsure* and left alone until the station has been started again and shows which.
"""

import collections
import threading

KINDS = ("device", "place", "room", "person")


def external_id(name):
    return name.replace(" ", "-")


def email(name):
    return f"{external_id(name)}@example.com"


class Thing:
    """A device, a place, a room or a person."""

    def __init__(self, kind, id, name, owner, token=None):
        self.kind, self.id, self.name, self.owner = kind, id, name, owner
        # A device's token at the broker, a person's password; None: not known.
        self.token = token
        self.dead_token = None
        self.external_id = external_id(name)
        self.email = email(name)
        # What an unanswered request may have made of it.
        self.possible_name = None
        self.may_be_gone = False
        self.is_gone = False
        self.is_unsure = False
        # What of it has been acknowledged since the last check.
        self.recent = []
        # What the cloud must have been told, in this order.
        self.facts = [("device.created", name)]

    def __str__(self):
        return f"{self.kind} {self.id} “{self.name}”"


class Register:
    """A value that is overwritten: the last acknowledged one holds."""

    def __init__(self, operation, value):
        self.operation, self.value = operation, value
        self.possible = []
        self.is_unsure = False
        self.recent = 0


class Ledger:
    def __init__(self):
        self.lock = threading.RLock()
        self.things = {kind: {} for kind in KINDS}
        # Names of things whose making was not answered, and who asked for it.
        self.pending = {kind: {} for kind in KINDS}
        self.registers = {}
        # (device, id of the command) since the last check, and all.
        self.recent_commands = []
        self.commands = []
        self.acknowledged = collections.Counter()
        self.unanswered = collections.Counter()
        self.found_done = collections.Counter()
        self.refused = collections.Counter()
        self.lost = collections.Counter()
        self.losses = []
        self.refusals = []

    def acknowledge(self, operation):
        with self.lock:
            self.acknowledged[operation] += 1

    def leave_open(self, operation):
        with self.lock:
            self.unanswered[operation] += 1

    def refuse(self, operation, answer):
        with self.lock:
            self.refused[operation] += 1
            if len(self.refusals) < 50:
                self.refusals.append(f"{operation}: {answer}")

    def lose(self, operation, text):
        loss = f"{operation}: {text}"
        with self.lock:
            # What is missing stays missing; once is enough.
            if loss not in self.losses:
                self.lost[operation] += 1
                self.losses.append(loss)

    def resolve(self, operation, is_done):
        """It is known now what became of something that was not answered."""
        if is_done:
            with self.lock:
                self.found_done[operation] += 1

    # MARK: Things

    def made(self, kind, id, name, owner, token=None):
        with self.lock:
            thing = Thing(kind, id, name, owner, token)
            thing.recent.append(f"{kind} made")
            self.things[kind][id] = thing
            self.pending[kind].pop(name, None)
        self.acknowledge(f"{kind} made")
        return thing

    def renamed(self, thing, name):
        with self.lock:
            thing.name = name
            thing.possible_name = None
            thing.facts.append(("device.updated", name))
            thing.recent.append(f"{thing.kind} renamed")
        self.acknowledge(f"{thing.kind} renamed")

    def removed(self, thing):
        with self.lock:
            thing.is_gone = True
            thing.may_be_gone = False
            thing.facts.append(("device.deleted", None))
            thing.recent.append(f"{thing.kind} removed")
        self.acknowledge(f"{thing.kind} removed")

    def of(self, kind):
        with self.lock:
            return list(self.things[kind].values())

    # MARK: Registers

    def register(self, key, operation, value=None):
        with self.lock:
            return self.registers.setdefault(key, Register(operation, value))
