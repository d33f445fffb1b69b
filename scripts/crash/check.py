"""After a cycle: is everything there that was acknowledged, and nothing that was removed?"""

import random
import sqlite3
import time

from api import API, NotSent, Unanswered
from cloud import CHANNELS
from ledger import KINDS
from load import PASSWORD, refresh
import mqtt

# So many of the devices that nothing was done to are tried at the broker as well.
OLD_DEVICES = 3
NEW_DEVICES = 12
# The agent tells the broker what has changed soon, not at once.
SOON = 20


class CheckFailed(Exception):
    """The station could not be asked."""


class Check:
    def __init__(self, workspace, ledger, load, meters, cloud, token, seed):
        self._workspace, self._ledger, self._load = workspace, ledger, load
        self._meters, self._cloud = meters, cloud
        self._api = API(workspace.http_port, token)
        self._stranger = API(workspace.http_port)
        self._random = random.Random(f"{seed}-check")
        # What is there and belongs to no client.
        self._others = {kind: set() for kind in KINDS}
        # What the broker is to answer to a login.
        self._expected = []
        self._stranded = None
        # The place of the alerts.
        self.place = None

    def note_others(self):
        """What is there now is nobody's."""
        for kind in KINDS:
            self._others[kind] = set(self._shown(kind))

    def run(self, until, must_deliver=False):
        self._api.close()
        self._stranger.close()
        try:
            self._run(until, must_deliver)
        except (NotSent, Unanswered) as error:
            raise CheckFailed(f"the station could not be asked: {error}") from error
        except sqlite3.Error as error:
            raise CheckFailed(f"the store could not be read: {error}") from error

    def _run(self, until, must_deliver):
        for kind in KINDS:
            self._check_things(kind)
        self._check_registers()
        self._check_commands(self._ledger.recent_commands)
        self._ledger.recent_commands.clear()
        self._check_alerts()
        self._check_logins()
        self._check_session()
        self._check_store()
        self._meters.check(until)
        for loss in self._meters.losses:
            self._ledger.lose("reading", loss)
        self._meters.losses.clear()
        self._check_cloud(must_deliver)

    def _get(self, path):
        try:
            answer = self._api.request("GET", path)
        except Unanswered:
            # The station may have closed a connection that nobody used for long.
            answer = self._api.request("GET", path)
        if not answer.is_done:
            raise CheckFailed(f"GET {path}: {answer}")
        return answer.json

    # MARK: Things

    def _shown(self, kind):
        """By id: the name."""
        if kind == "place":
            return {place["place_id"]: place["name"] for place in self._get("/api/places")["places"]}
        path = {"device": "/api/devices", "room": "/api/zones", "person": "/api/users"}[kind]
        return {thing["id"]: thing["name"] for thing in self._get(path)}

    def _check_things(self, kind):
        shown = self._shown(kind)
        ledger = self._ledger
        for thing in ledger.of(kind):
            self._check_thing(thing, shown)
        known = ledger.things[kind].keys() | self._others[kind]
        for id in shown.keys() - known:
            owner = ledger.pending[kind].pop(shown[id], None)
            if owner is None:
                ledger.lose(f"{kind} removed", f"{id} “{shown[id]}” is there, and nobody has made it")
                self._others[kind].add(id)
                continue
            ledger.resolve(f"{kind} made", True)
            thing = ledger.made(kind, id, shown[id], owner)
            ledger.acknowledged[f"{kind} made"] -= 1
            thing.recent.clear()
        ledger.pending[kind].clear()

    def _check_thing(self, thing, shown):
        ledger = self._ledger
        name = shown.get(thing.id)
        operation = thing.recent[-1] if thing.recent else f"{thing.kind} made"
        if thing.is_gone:
            if name is not None:
                ledger.lose(f"{thing.kind} removed", f"{thing} was removed and is back")
        elif name is None:
            if thing.may_be_gone:
                ledger.resolve(f"{thing.kind} removed", True)
                thing.facts.append(("device.deleted", None))
            else:
                ledger.lose(operation, f"{thing} is gone; last: {thing.recent}")
            thing.is_gone = True
        elif name != thing.name:
            if name == thing.possible_name:
                ledger.resolve(f"{thing.kind} renamed", True)
                thing.facts.append(("device.updated", name))
            else:
                ledger.lose(f"{thing.kind} renamed", f"{thing} is called “{name}”; last: {thing.recent}")
            thing.name = name
        thing.possible_name, thing.may_be_gone, thing.is_unsure = None, False, False

    # MARK: Values

    def _check_registers(self):
        settings = self._get("/api/settings")
        for key, register in self._ledger.registers.items():
            if key == "station":
                shown = self._get("/api/station")["name"]
            elif key == "wifi":
                shown = self._get("/api/settings/agent")["hasWifi"]
            elif key == "credentials":
                self._check_credentials(register)
                continue
            else:
                shown = settings.get(key[1])
            if shown == register.value:
                pass
            elif shown in register.possible:
                self._ledger.resolve(register.operation, True)
            elif register.value is not None:
                self._ledger.lose(register.operation, f"{key} is {shown}, not {register.value}")
            register.value, register.possible, register.is_unsure = shown, [], False
            register.recent = 0
        channels = self._get("/api/cloud/status")["activeChannels"]
        if sorted(channels) != CHANNELS:
            self._ledger.lose("channels of the cloud", f"they are {channels}, not {CHANNELS}")

    def _check_credentials(self, register):
        if register.value and not register.is_unsure:
            self._expect(True, *register.value, register.operation, f"{register.value[0]} is not let in by the broker")
        register.is_unsure = False

    def _check_commands(self, commands):
        wanted = {}
        for device, id in commands:
            if not device.is_gone:
                wanted.setdefault(device.id, set()).add(id)
        for device, ids in wanted.items():
            found = self._events(device, ids)
            for id in ids - found:
                self._ledger.lose("command sent", f"{id} to {device} is not on record")
        self._ledger.commands.extend(commands)

    def _events(self, device, ids):
        found, page = set(), 1
        while True:
            path = f"/api/device-events?deviceId={device}&type=command_sent&perPage=100&page={page}"
            answer = self._get(path)
            found |= {item["payload"]["commandId"] for item in answer["items"]}
            if ids <= found or not answer["hasNext"]:
                return found
            page += 1

    def check_everything_on_record(self):
        """All commands and alerts of the whole run once more."""
        commands, self._ledger.commands = self._ledger.commands, []
        self._check_commands(commands)
        self._cloud.recent_alerts = set(self._cloud.alerts)
        self._check_alerts()

    def _check_alerts(self):
        """An alert is on record before anybody is told of it."""
        self._cloud.catch_up()
        wanted, self._cloud.recent_alerts = self._cloud.recent_alerts, set()
        shown, page = {}, 1
        while not wanted <= shown.keys():
            answer = self._get(f"/api/places/{self.place}/alerts?per_page=100&page={page}")
            shown |= {alert["id"]: alert["status"] for alert in answer["items"]}
            if not answer["has_next"]:
                break
            page += 1
        for id in wanted:
            told = self._cloud.alerts[id]
            for method in told:
                self._ledger.acknowledge(method)
            if id not in shown:
                self._ledger.lose("alert.opened", f"{id} is not on record, and the cloud was told of it")
            elif "alert.resolved" in told and shown[id] != "resolved":
                self._ledger.lose("alert.resolved", f"{id} is {shown[id]}, and the cloud was told of its end")

    # MARK: Who is let in

    def _expect(self, is_let_in, name, token, operation, text):
        self._expected.append((is_let_in, name, token, operation, text))

    def _check_stranded(self):
        """The station itself says when it cannot make the broker let somebody in."""
        text = self._get("/api/health")["checks"]["mqtt"]["detail"]
        if "cannot log in" not in text:
            self._stranded = None
        elif self._stranded is None:
            self._stranded = text
            self._ledger.lose("token kept", f"health says: {text}")

    def _check_expected(self):
        """Everybody gets in, or not, as is due: soon, not at once."""
        expected, self._expected = self._expected, []
        deadline = time.monotonic() + SOON
        while True:
            expected = [one for one in expected if mqtt.is_let_in(self._workspace.mqtt_port, *one[1:3]) is not one[0]]
            if not expected:
                return
            if time.monotonic() > deadline:
                break
            time.sleep(1)
        for *_, operation, text in expected:
            self._ledger.lose(operation, text)

    def _check_logins(self):
        devices = self._ledger.of("device")
        recent = [device for device in devices if device.recent and device.token]
        self._random.shuffle(recent)
        old = [device for device in devices if not device.recent and device.token and not device.is_gone]
        for device in recent[:NEW_DEVICES] + self._random.sample(old, min(OLD_DEVICES, len(old))):
            name = device.external_id
            if device.is_gone:
                self._expect(False, name, device.token, "device removed", f"{device} is still let in by the broker")
                continue
            operation = "token kept"
            if device.recent:
                operation = "token renewed" if "token renewed" in device.recent else "device made"
            self._expect(True, name, device.token, operation, f"{device} is not let in by the broker")
            if device.dead_token:
                self._expect(False, name, device.dead_token, "token renewed", f"{device} is let in with an old token")
        self._check_expected()
        self._check_stranded()
        self._stranger.close()
        for person in [person for person in self._ledger.of("person") if person.recent and person.token][:2]:
            self._check_sign_in(person)
        for kind in KINDS:
            for thing in self._ledger.of(kind):
                thing.recent.clear()
                thing.dead_token = None

    def _check_sign_in(self, person):
        body = {"email": person.email, "password": PASSWORD}
        status = self._stranger.request("POST", "/api/auth/login", body).status
        if status != (401 if person.is_gone else 200):
            self._ledger.lose("person removed" if person.is_gone else "person made", f"{person} signs in: {status}")

    def _check_session(self):
        client = self._load.clients[0]
        if client.session:
            answer = refresh(client, client.session, self._ask_plainly)
            if answer is None:
                self._ledger.lose("session renewed", "the newest refresh token is refused")
                client.session = None

    def _ask_plainly(self, operation, method, path, body):
        answer = self._stranger.request(method, path, body)
        return (answer, False) if answer.is_done else (None, False)

    # MARK: Store and cloud

    def _check_store(self):
        store = sqlite3.connect(f"file:{self._workspace.store}?mode=ro", uri=True, timeout=30)
        try:
            said = [row[0] for row in store.execute("PRAGMA quick_check")]
        except sqlite3.Error as error:
            said = [f"{type(error).__name__} {error}"]
        finally:
            store.close()
        if said != ["ok"]:
            self._ledger.lose("store", f"quick_check: {said[:5]}")

    def _check_cloud(self, must_deliver):
        deadline = time.monotonic() + (120 if must_deliver else 3)
        while self._get("/api/cloud/status")["outboxDepth"] != 0:
            if time.monotonic() > deadline:
                if must_deliver:
                    self._ledger.lose("told to the cloud", "the outbox does not become empty")
                return
            time.sleep(0.2)
        for fault in self._cloud.compare(self._ledger, self._others["device"]):
            self._ledger.lose("told to the cloud", fault)
