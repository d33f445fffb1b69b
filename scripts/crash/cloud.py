"""The lab cloud: what it has been told of devices, against what the station has acknowledged."""

import threading
import time

from api import API, NotSent, Unanswered

CHANNELS = ["alert", "device", "status"]
METHODS = ("device.created", "device.updated", "device.deleted")


class Cloud:
    def __init__(self, port):
        self._api = API(port)
        self._lock = threading.Lock()
        self._next = 0
        self._params = {}
        # By device: (method, name) in the order in which the cloud heard of it first.
        self.told = {}
        # By alert: what was told of it; and those that were told of since somebody asked.
        self.alerts = {}
        self.recent_alerts = set()
        self.repeated = 0
        self.faults = []
        self.links = 0
        self._is_ended = False
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self):
        self._thread.start()

    def end(self):
        self._is_ended = True

    def post(self, path, body):
        with self._lock:
            return self._api.request("POST", path, body)

    def _follow(self):
        while not self._is_ended:
            try:
                self.catch_up()
            except (NotSent, Unanswered):
                pass
            time.sleep(0.5)

    def catch_up(self):
        """Reads all that the cloud has noted by now."""
        with self._lock:
            while True:
                page = self._api.request("GET", f"/lab/log?after={self._next}&limit=5000").json
                for entry in page["entries"]:
                    if entry["number"] != self._next + 1:
                        self.faults.append("the cloud's log was read too slowly")
                    self._next = entry["number"]
                    self._note(entry)
                if len(page["entries"]) < 5000:
                    return

    def _note(self, entry):
        message = entry["message"]
        if entry["event"] == "sent" and isinstance(message, dict) and message.get("type") == "auth_ok":
            self.links += 1
        if entry["event"] != "received" or not isinstance(message, dict):
            return
        method, params = message.get("method"), message.get("params")
        if method in ("alert.opened", "alert.resolved"):
            self.alerts.setdefault(params["alertId"], set()).add(method)
            self.recent_alerts.add(params["alertId"])
        if method not in METHODS:
            return
        known = self._params.setdefault(params["eventId"], params)
        if known is not params:
            self.repeated += 1
            if known != params:
                self.faults.append(f"event {params['eventId']} was told twice, and not the same")
            return
        name = params["device"]["name"] if "device" in params else None
        self.told.setdefault(params["deviceId"], []).append((method, name))

    # MARK: The comparison

    def compare(self, ledger, others):
        """What the cloud was not told, or told without its being so; all that waited has been delivered."""
        self.catch_up()
        faults = []
        with ledger.lock:
            devices = dict(ledger.things["device"])
        for id, device in devices.items():
            told, facts = _plain(self.told.get(id, [])), _plain(device.facts)
            if told != facts:
                faults.append(f"device {id}: {_difference(facts, told)}")
        for id in self.told.keys() - devices.keys() - others:
            faults.append(f"the cloud was told of a device that is not there: {id} {self.told[id]}")
        return faults


def _plain(facts):
    """A device is told again for other reasons than its name."""
    plain = []
    for method, name in facts:
        if method != "device.updated" or not plain or plain[-1][1] != name:
            plain.append((method, name))
    return plain


def _difference(facts, told):
    """From where on they differ."""
    pairs = enumerate(zip(facts, told))
    first = next((index for index, pair in pairs if pair[0] != pair[1]), min(len(facts), len(told)))
    return f"acknowledged … {facts[first:first + 3]}, the cloud was told … {told[first:first + 3]}"
