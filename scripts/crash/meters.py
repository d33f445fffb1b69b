"""Devices that number their reports, so that each one that is missing afterwards is seen."""

import json
import sqlite3
import threading
import time

from api import API, NotSent, Unanswered
import mqtt

# Reports a second of each: below what the station coalesces.
RATE = 10
# How much later than due a flush may end on a busy machine.
MARGIN = 2.0


class Meter(threading.Thread):
    THRESHOLD = 50

    def __init__(self, name, port, token):
        super().__init__(daemon=True)
        self.name = name
        # By number, which counts from 0: when it was sent, and whether the broker answered.
        self.sent_at = []
        self.is_taken = []
        self._port, self._token = port, token
        self._is_ended = False

    def end(self):
        self._is_ended = True
        self.join(10)

    def run(self):
        while not self._is_ended:
            try:
                connection = mqtt.Connection(self._port, self.name, self._token)
            except (OSError, mqtt.Refused):
                time.sleep(0.2)
                continue
            try:
                self._report(connection)
            except OSError:
                pass
            finally:
                connection.close()

    def _report(self, connection):
        topic = f"station/s-1/device/{self.name}/state"
        while not self._is_ended:
            number = len(self.sent_at)
            self.sent_at.append(time.monotonic())
            self.is_taken.append(False)
            # The level goes beyond its threshold, and back, every other second.
            level = 100 if number // RATE % 2 else 0
            connection.publish(topic, json.dumps({"state": {"seq": number, "level": level}}).encode())
            self.is_taken[number] = True
            time.sleep(1 / RATE)


class Window:
    """A time in which reports may be missing, and why; it ends when one came through that was sent after `over`."""

    def __init__(self, cause, begin, over=None):
        self.cause, self.begin, self.over, self.end = cause, begin, over, None


class Meters:
    def __init__(self, meters, ids, workspace, token, flush_interval):
        self.meters = meters
        self._ids = ids
        self._workspace = workspace
        self._api = API(workspace.http_port, token, timeout=5)
        self._grace = flush_interval + MARGIN
        self._flush_interval = flush_interval
        self.windows = []
        self._checked = [0] * len(meters)
        self.reported = self.kept = self.unanswered = 0
        self.missing = {}
        self.longest_gap = {}
        # How long before a kill -9 the oldest report was sent that it has cost.
        self.deepest = 0.0
        self.losses = []
        self._is_ended = False
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self):
        for meter in self.meters:
            meter.start()
        self._watcher.start()

    def end(self):
        self._is_ended = True
        for meter in self.meters:
            meter.end()

    # MARK: Excuses

    def excuse(self, cause, before=0.0):
        """From so many seconds ago on reports may be missing; the window is to be told when its cause is over."""
        window = Window(cause, time.monotonic() - before)
        self.windows.append(window)
        return window

    def killed(self):
        """kill -9 is sent now: what was reported since the last flush is gone, and what comes until it is back."""
        window = self.excuse("kill -9", self._grace)
        window.over = time.monotonic()
        return window

    def disk_is_full(self):
        return self.excuse("disk full", self._grace)

    def disk_has_room(self, window):
        # What waited in memory is written with one of the next flushes.
        window.over = time.monotonic() + self._grace

    def _watch(self):
        while not self._is_ended:
            self.look()
            time.sleep(0.1)

    def look(self):
        """Closes the windows whose cause is over, once a later report has come through."""
        open_windows = [window for window in self.windows if window.end is None and window.over is not None]
        if not open_windows:
            return
        try:
            answer = self._api.request("GET", f"/api/devices/{self._ids[0]}")
            number = int(answer.json["lastKnownState"]["seq"]) if answer.is_done else None
        except (NotSent, Unanswered, ValueError, KeyError, TypeError):
            return
        if number is None:
            return
        for window in open_windows:
            if self.meters[0].sent_at[number] >= window.over:
                window.end = self.meters[0].sent_at[number]

    def wait_until_seen(self, seconds=30):
        """Waits for the path from a device to the API; False when nothing comes through."""
        deadline = time.monotonic() + seconds
        while any(window.end is None for window in self.windows if window.over is not None):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    # MARK: What is there

    def check(self, until):
        """Looks for every report that was sent before this: what of it is not in the store will never be."""
        with sqlite3.connect(f"file:{self._workspace.store}?mode=ro", uri=True, timeout=30) as store:
            for index, meter in enumerate(self.meters):
                self._check(index, meter, until, store)
        store.close()
        ended = [window for window in self.windows if window.end is not None and window.end < until - 60]
        for window in ended:
            self.windows.remove(window)

    def _check(self, index, meter, until, store):
        first = last = self._checked[index]
        while last < len(meter.sent_at) and meter.sent_at[last] < until:
            last += 1
        rows = store.execute(
            "SELECT CAST(value AS INTEGER) FROM readings WHERE external_id = ? AND key = 'seq' AND value >= ?",
            (meter.name, first),
        )
        kept = {row[0] for row in rows}
        run = []
        for number in range(first, last):
            self.reported += 1
            if number in kept:
                self.kept += 1
                self._end_run(meter, run)
                run = []
            elif not meter.is_taken[number]:
                self.unanswered += 1
            else:
                run.append(number)
        self._end_run(meter, run)
        self._checked[index] = last

    def _surroundings(self, sent_at):
        """When it was sent, as seen from the times that would have excused it."""
        after = [(sent_at - window.end, window.cause) for window in self.windows if window.end and window.end < sent_at]
        before = [(window.begin - sent_at, window.cause) for window in self.windows if window.begin > sent_at]
        texts = [f"{min(after)[0]:.3f} s after “{min(after)[1]}” was over"] if after else []
        if before:
            texts.append(f"{min(before)[0]:.3f} s before the time that “{min(before)[1]}” excuses")
        return ", ".join(texts) or "nothing was amiss"

    def _end_run(self, meter, run):
        if not run:
            return
        for number in run:
            sent_at = meter.sent_at[number]
            causes = [
                window for window in self.windows
                if window.begin <= sent_at and (window.end is None or sent_at <= window.end)
            ]
            cause = min(causes, key=lambda window: window.cause != "kill -9").cause if causes else "none"
            self.missing[cause] = self.missing.get(cause, 0) + 1
            if cause == "none":
                self.losses.append(f"{meter.name}: report {number} is not in the store; {self._surroundings(sent_at)}")
            if {window.cause for window in causes} == {"kill -9"}:
                ages = [window.begin + self._grace - sent_at for window in causes]
                self.deepest = max([self.deepest, *[age for age in ages if age == min(map(abs, ages))]])
        sent = meter.sent_at
        after = sent[run[-1] + 1] if run[-1] + 1 < len(sent) else sent[run[-1]]
        gap = after - sent[run[0]]
        self.longest_gap[cause] = max(self.longest_gap.get(cause, 0.0), gap)
