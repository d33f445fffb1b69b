"""Clients that do all that people and programs do with a station, each as fast as it is answered."""

import random
import threading
import time

from api import API, NotSent, Unanswered
from ledger import email, external_id
from processes import Agent

# How often each is chosen.
WEIGHTS = {
    "make": 14, "rename": 30, "remove": 8, "token": 5, "command": 22, "setting": 16, "station": 4, "wifi": 3,
    "credentials": 1, "session": 1,
}
KIND_WEIGHTS = {"device": 12, "place": 4, "room": 5, "person": 1}
# So many of one kind one client keeps.
MOST = {"device": 25, "place": 10, "room": 12, "person": 5}
PATHS = {"device": "/api/devices", "place": "/api/places", "room": "/api/zones", "person": "/api/users"}
PASSWORD = "a password for tests"
# Rather than as fast as possible: the machine may have other work.
LONGEST_PAUSE = 0.03


class Client(threading.Thread):
    """What it has made nobody else touches, so that the order of its writes is known."""

    def __init__(self, number, seed, port, token, ledger, gate):
        super().__init__(daemon=True)
        self.number = number
        self.turn = threading.Lock()
        self._random = random.Random(f"{seed}-client-{number}")
        self._api = API(port, token)
        self.ledger = ledger
        self._gate = gate
        self._count = 0
        self._is_ended = False
        self.session = None

    def end(self):
        self._is_ended = True

    def disconnect(self):
        self._api.close()

    def run(self):
        operations, weights = list(WEIGHTS), list(WEIGHTS.values())
        while not self._is_ended:
            self._gate.wait()
            with self.turn:
                if self._gate.is_set():
                    operation = self._random.choices(operations, weights)[0]
                    getattr(self, f"_{operation}")()
            time.sleep(self._random.uniform(0, LONGEST_PAUSE))

    # MARK: One request

    def _ask(self, operation, method, path, body=None, token=None):
        """Returns the answer and whether it may have been done without one."""
        try:
            answer = self._api.request(method, path, body, token)
        except NotSent:
            time.sleep(0.05)
            return None, False
        except Unanswered:
            self.ledger.leave_open(operation)
            return None, True
        if answer.is_done:
            return answer, False
        if answer.status >= 500:
            # 503 without a broker is no fault; whether anything was done is looked at later all the same.
            self.ledger.leave_open(operation)
            return None, True
        self.ledger.refuse(operation, answer)
        return None, False

    def _next_name(self, kind):
        self._count += 1
        return f"{kind} {self.number}-{self._count}"

    def _mine(self, kind):
        return [
            thing for thing in self.ledger.of(kind)
            if thing.owner == self.number and not thing.is_gone and not thing.is_unsure
        ]

    def _any(self):
        kinds, weights = list(KIND_WEIGHTS), list(KIND_WEIGHTS.values())
        kind = self._random.choices(kinds, weights)[0]
        mine = self._mine(kind)
        return self._random.choice(mine) if mine else None

    # MARK: Things

    def _make(self):
        kind = self._random.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]
        if len(self._mine(kind)) >= MOST[kind]:
            return self._remove(kind)
        if kind == "person":
            return self._make_person()
        name = self._next_name(kind)
        self.ledger.pending[kind][name] = self.number
        body = {"name": name, "externalId": external_id(name)} if kind == "device" else {"name": name}
        answer, is_open = self._ask(f"{kind} made", "POST", PATHS[kind], body)
        if answer:
            made = answer.json
            if kind == "device":
                self.ledger.made(kind, made["device"]["id"], name, self.number, made["token"])
            else:
                self.ledger.made(kind, made.get("place_id") or made["id"], name, self.number)
        elif not is_open:
            self.ledger.pending[kind].pop(name, None)

    def _make_person(self):
        name = self._next_name("person")
        address = email(name)
        invitation = {"email": address, "role": "member"}
        answer, _ = self._ask("person invited", "POST", "/api/user-management/members", invitation)
        if not answer:
            return
        self.ledger.acknowledge("person invited")
        self.ledger.pending["person"][name] = self.number
        body = {"email": address, "password": PASSWORD, "name": name, "inviteToken": answer.json["inviteToken"]}
        answer, is_open = self._ask("person made", "POST", "/api/auth/register", body)
        if answer:
            self.ledger.made("person", answer.json["userId"], name, self.number, PASSWORD)
        elif not is_open:
            self.ledger.pending["person"].pop(name, None)

    def _rename(self):
        if not (thing := self._any()):
            return
        name = self._next_name(thing.kind)
        thing.possible_name = name
        method = "PUT" if thing.kind == "place" else "PATCH"
        answer, is_open = self._ask(
            f"{thing.kind} renamed", method, f"{PATHS[thing.kind]}/{thing.id}", {"name": name}
        )
        if answer:
            self.ledger.renamed(thing, name)
        elif is_open:
            thing.is_unsure = True
        else:
            thing.possible_name = None

    def _remove(self, kind=None):
        mine = self._mine(kind) if kind else [thing for thing in [self._any()] if thing]
        if not mine:
            return
        thing = self._random.choice(mine)
        answer, is_open = self._ask(f"{thing.kind} removed", "DELETE", f"{PATHS[thing.kind]}/{thing.id}")
        if answer:
            self.ledger.removed(thing)
        elif is_open:
            thing.may_be_gone = thing.is_unsure = True

    # MARK: Devices

    def _token(self):
        if not (mine := self._mine("device")):
            return
        device = self._random.choice(mine)
        answer, is_open = self._ask("token renewed", "POST", f"/api/devices/{device.id}/token")
        if answer:
            device.dead_token, device.token = device.token, answer.json["token"]
            device.recent.append("token renewed")
            self.ledger.acknowledge("token renewed")
        elif is_open:
            # Nobody knows the new one.
            device.token = device.dead_token = None
            device.is_unsure = True

    def _command(self):
        if not (mine := self._mine("device")):
            return
        device = self._random.choice(mine)
        self._count += 1
        body = {"action": "blink", "number": self._count}
        answer, _ = self._ask("command sent", "POST", f"/api/devices/{device.id}/command", body)
        # On a disk that takes nothing the answer says that the record is yet to come.
        if answer and answer.json.get("recorded", True):
            self.ledger.recent_commands.append((device, answer.json["commandId"]))
            self.ledger.acknowledge("command sent")

    # MARK: Values

    def _write(self, key, operation, method, path, value, body, token=None):
        register = self.ledger.register(key, operation)
        if register.is_unsure:
            return None
        register.possible = [value]
        answer, is_open = self._ask(operation, method, path, body, token)
        if answer:
            register.value, register.possible = value, []
            register.recent += 1
            self.ledger.acknowledge(operation)
        elif is_open:
            register.is_unsure = True
        else:
            register.possible = []
        return answer

    def _setting(self):
        key = f"setting-{self.number}-{self._random.randrange(8)}"
        self._count += 1
        value = {"number": self._count, "text": "x" * self._random.randrange(200)}
        self._write(("setting", key), "setting written", "PUT", f"/api/settings/{key}", value, {"value": value})

    def _station(self):
        if self.number != 0:
            return
        name = self._next_name("station")
        self._write("station", "station renamed", "PATCH", "/api/station", name, {"name": name})

    def _wifi(self):
        if self.number != 0:
            return
        has_wifi = self._random.random() < 0.5
        body = {"wifiSsid": f"network-{self._count}" if has_wifi else None, "wifiPassword": None}
        if has_wifi:
            body["wifiPassword"] = "a wifi password"
        self._write("wifi", "agent settings written", "PUT", "/api/settings/agent", has_wifi, body, Agent.TOKEN)

    def _credentials(self):
        if self.number != 0:
            return
        register = self.ledger.register("credentials", "broker login made")
        if register.is_unsure:
            return
        answer, is_open = self._ask("broker login made", "POST", "/api/mqtt/credentials", {})
        if answer:
            made = answer.json
            register.value = (made["username"], made["password"])
            register.recent += 1
            self.ledger.acknowledge("broker login made")
        elif is_open:
            register.value, register.is_unsure = None, True

    def _session(self):
        """Refresh tokens rotate: the last one that was given must be good."""
        if self.number != 0 or not self.session:
            return
        refresh(self, self.session, self._ask)


def refresh(owner, session, ask):
    answer, is_open = ask("session renewed", "POST", "/api/auth/refresh", {"refreshToken": session})
    if answer:
        owner.session = answer.json["refreshToken"]
        owner.ledger.acknowledge("session renewed")
    elif is_open:
        owner.session = None
    return answer


class Load:
    """All clients; paused, none of them has a request under way."""

    def __init__(self, count, seed, port, token, ledger):
        self._gate = threading.Event()
        self.clients = [Client(number, seed, port, token, ledger, self._gate) for number in range(count)]

    def start(self):
        for client in self.clients:
            client.start()

    def go(self):
        self._gate.set()

    def pause(self):
        self._gate.clear()
        for client in self.clients:
            with client.turn:
                # What it is connected to may be gone when it goes on.
                client.disconnect()

    def end(self):
        for client in self.clients:
            client.end()
        self._gate.set()
