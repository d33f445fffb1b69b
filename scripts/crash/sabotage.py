"""Proves the suite itself: takes something of each kind away behind the station's back, and sees whether that shows."""

import sqlite3
import time


class Sabotage:
    """To be done while the station is down."""

    def __init__(self, scene):
        self._scene = scene
        # The operations of which a loss must be reported.
        self.expected = set()

    def _one(self, kind, is_gone=False):
        # Nobody must have a request open about it: that would be an excuse.
        return next(
            thing for thing in self._scene.ledger.of(kind)
            if thing.is_gone == is_gone and not thing.is_unsure
        )

    def commit(self):
        scene, ledger = self._scene, self._scene.ledger
        store = sqlite3.connect(scene.workspace.store)
        with store:
            device, place, room = self._one("device"), self._one("place"), self._one("room")
            others = [one for one in ledger.of("device") if not one.is_gone and not one.is_unsure and one is not device]
            self._take(store, "DELETE FROM devices WHERE id = ?", device.id, self._last(device))
            self._take(store, "UPDATE places SET name = 'x' WHERE id = ?", place.id, "place renamed")
            self._take(store, "UPDATE station SET name = 'x' WHERE only_row = ?", 1, "station renamed")
            person = self._one("person")
            self._take(store, "DELETE FROM users WHERE id = ?", person.id, self._last(person))
            key = next(key for key, one in ledger.registers.items() if key[0] == "setting" and not one.is_unsure)
            self._take(store, "DELETE FROM settings WHERE key = ?", key[1], "setting written")
            gone = self._one("room", is_gone=True)
            store.execute(
                "INSERT INTO zones SELECT ?, place_id, 'back', created_at, updated_at FROM zones WHERE id = ?",
                (gone.id, room.id))
            self.expected.add("room removed")
            command = next(id for target, id in ledger.recent_commands if target in others)
            self._take(
                store, "DELETE FROM device_events WHERE payload ->> 'commandId' = ?", command, "command sent")
            scene.cloud.catch_up()
            alert = next(iter(scene.cloud.recent_alerts))
            self._take(store, "DELETE FROM alerts WHERE id = ?", alert, "alert.opened")
            self._take_readings(store)
        store.close()
        # What somebody knows who does not lie in the store.
        others[0].facts.append(("device.updated", "never told"))
        for one in others[1:]:
            one.token, one.recent = "wrong", ["device made"]
        scene.load.clients[0].session = "wrong"
        self.expected |= {"told to the cloud", "session renewed", "device made"}

    def _take(self, store, statement, argument, operation):
        if store.execute(statement, (argument,)).rowcount != 1:
            raise SystemExit(f"the sabotage failed: {statement} {argument}")
        self.expected.add(operation)

    def _take_readings(self, store):
        """One that was written long before the end."""
        meter = self._scene.meters.meters[1]
        old = [number for number, sent_at in enumerate(meter.sent_at) if sent_at < time.monotonic() - 15]
        series = "SELECT s.id FROM reading_series s JOIN devices d ON d.id = s.device_id WHERE d.external_id = ?"
        for table in ("reading_journal", "reading_points"):
            store.execute(
                f"DELETE FROM {table} WHERE series_id IN ({series} AND s.key = 'seq') AND value >= ?",
                (meter.name, old[-1] - 3))
        self.expected.add("reading")

    @staticmethod
    def _last(thing):
        return thing.recent[-1] if thing.recent else f"{thing.kind} made"

    def missed(self):
        """What was taken and not reported."""
        return sorted(self.expected - self._scene.ledger.lost.keys())
