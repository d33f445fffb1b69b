"""Where a run lives: a small disk of its own, the logs, the ports, and the clock of the station."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Workspace:
    def __init__(self, root, megabytes):
        self.root = pathlib.Path(root)
        shutil.rmtree(self.root, ignore_errors=True)
        self.disk = self.root / "disk"
        self.disk.mkdir(parents=True)
        self.http_port, self.mqtt_port, self.cloud_port = _free_port(), _free_port(), _free_port()
        self.megabytes = megabytes
        self.is_mounted = megabytes > 0 and self._mount()
        self.clock = Clock(self.root)

    def _mount(self):
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=755", "station-disk", str(self.disk)]
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0

    @property
    def store(self):
        return self.disk / "data" / "station.sqlite"

    def store_size(self):
        return sum(file.stat().st_size for file in self.store.parent.glob("station.sqlite*"))

    def keep_disk(self):
        """A copy of what the station has, for whoever looks for what went wrong."""
        shutil.copytree(self.disk, self.root / "disk-copy", dirs_exist_ok=True)

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.disk)], stderr=subprocess.DEVNULL)


class Filler:
    """Fills the disk, and again whenever something becomes free."""

    def __init__(self, disk):
        self._path = disk / "filler"
        self._ended = threading.Event()
        self._thread = None

    def begin(self):
        self._ended.clear()
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._thread.start()

    def _fill(self):
        with open(self._path, "wb", buffering=0) as file:
            while not self._ended.is_set():
                for size in (1 << 20, 1 << 16, 1 << 12):
                    try:
                        while not self._ended.is_set():
                            # What fitted of a write stays.
                            file.write(b"\0" * size)
                    except OSError:
                        continue
                self._ended.wait(0.02)

    def end(self):
        if self._thread is None:
            return
        self._ended.set()
        self._thread.join()
        self._thread = None
        self._path.unlink(missing_ok=True)


class Clock:
    """The wall clock of one process; without a C compiler it cannot be turned."""

    def __init__(self, root):
        self.offset = 0
        self.environment = {}
        source, library = pathlib.Path(__file__).with_name("wall-clock.c"), root / "wall-clock.so"
        compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
        if compiler is None:
            return
        flags = ["-shared", "-fPIC", "-fno-builtin", "-O1", "-o", str(library), str(source)]
        if subprocess.run([compiler, *flags]).returncode != 0:
            return
        self._path = root / "wall-clock-offset"
        self._path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK_OFFSET": str(self._path)}

    @property
    def can_step(self):
        return bool(self.environment)

    def set(self, seconds):
        with open(self._path, "r+b") as file:
            file.write(struct.pack("=q", seconds))
        self.offset = seconds
