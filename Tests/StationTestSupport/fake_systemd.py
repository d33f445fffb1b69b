#!/usr/bin/python3
"""systemd's logind, hostnamed and timedated played on a private bus for tests.

    fake_systemd.py '{"address": "unix:path=…", "login1": {"can": "challenge"}, "hostname1": {"running": false}}'

See fake_bus.py for the orders of any service; login1 takes "can", the answer of CanReboot.
"""
import dbus

from fake_bus import Service, main


class Login(Service):
    name = "org.freedesktop.login1"

    def __init__(self, address, settings):
        self.can = "yes"
        super().__init__(address, settings)
        self.tree = {"/org/freedesktop/login1": {self.name + ".Manager": {}}}

    def obey(self, order):
        self.can = order.get("can", self.can)
        super().obey(order)

    def CanReboot(self, message, path):
        return [("s", self.can)]

    def Reboot(self, message, path, interactive):
        return []


class HostName(Service):
    name = "org.freedesktop.hostname1"

    def __init__(self, address, settings):
        super().__init__(address, settings)
        self.tree = {"/org/freedesktop/hostname1": {self.name: {
            "Hostname": "station-7", "StaticHostname": "station-7", "PrettyHostname": "Station 7",
            "OperatingSystemPrettyName": "Debian GNU/Linux 12 (bookworm)"}}}


class TimeDate(Service):
    name = "org.freedesktop.timedate1"

    def __init__(self, address, settings):
        super().__init__(address, settings)
        self.tree = {"/org/freedesktop/timedate1": {self.name: {
            "Timezone": "Europe/Berlin", "NTP": dbus.Boolean(True),
            "NTPSynchronized": dbus.Boolean(settings.get("synchronised", True))}}}


if __name__ == "__main__":
    main(lambda address, settings: [
        kind(address, settings.get(kind.name.split(".")[-1], {})) for kind in (Login, HostName, TimeDate)])
