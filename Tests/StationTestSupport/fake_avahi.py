#!/usr/bin/python3
"""org.freedesktop.Avahi played on a private bus for tests: the server and its entry groups, as Avahi 0.8 has them.

    fake_avahi.py '{"address": "unix:path=…", "taken": ["Station"]}'

See fake_bus.py for the orders of any service. Its own: "server" (the number of a state), "taken" (names that another host
of the LAN has: told after the commit), "ours" (names that another program of this host has: refused at once), "group" (a
state that all groups fall into).
"""
import dbus

from fake_bus import Refusal, Service, later, main

AVAHI = "org.freedesktop.Avahi"
SERVER, GROUP = AVAHI + ".Server", AVAHI + ".EntryGroup"


class Avahi(Service):
    name = AVAHI

    def __init__(self, address, settings):
        self.groups, self.count, self.server, self.taken, self.ours = {}, 0, 2, [], []
        super().__init__(address, settings)

    def start(self):
        self.tree = {"/": {SERVER: {}}}
        super().start()

    def stop(self):
        self.groups, self.tree = {}, {}
        super().stop()

    def client_left(self, name):
        for path in [p for p, group in self.groups.items() if group["client"] == name]:
            del self.groups[path], self.tree[path]

    def obey(self, order):
        self.taken, self.ours = order.get("taken", self.taken), order.get("ours", self.ours)
        if "server" in order and order["server"] != self.server:
            self.server = order["server"]
            self.signal("/", SERVER, "StateChanged", ("i", dbus.Int32(self.server)), ("s", ""))
        if "group" in order:
            for path in self.groups:
                self.tell(path, order["group"])
        super().obey(order)

    def state(self):
        services = [{"name": name, "type": kind, **entry} for group in self.groups.values() if group["state"] == 2
                    for (name, kind), entry in group["entries"].items()]
        return {**super().state(), "services": services, "groups": len(self.groups)}

    def tell(self, path, number):
        """A group's state, to its owner alone."""
        if path in self.groups:
            self.groups[path]["state"] = number
            self.signal(path, GROUP, "StateChanged", ("i", dbus.Int32(number)), ("s", AVAHI + ".Success"),
                        to=self.groups[path]["client"])

    def GetState(self, message, path):
        return [("i", dbus.Int32(self.server if path == "/" else self.groups[path]["state"]))]

    def GetAlternativeServiceName(self, message, path, name):
        head, mark, number = name.rpartition(" #")
        return [("s", f"{head} #{int(number) + 1}" if mark and number.isdigit() else f"{name} #2")]

    def EntryGroupNew(self, message, path):
        self.count += 1
        group = f"/Client{self.count}/EntryGroup1"
        self.groups[group] = {"client": message.get_sender(), "state": 0, "entries": {}}
        self.tree[group] = {GROUP: {}}
        return [("o", dbus.ObjectPath(group))]

    @staticmethod
    def text(values):
        return [bytes(one).decode() for one in values]

    def AddService(self, message, path, interface, protocol, flags, name, kind, domain, host, port, text):
        group = self.groups[path]
        if group["state"] != 0:
            raise Refusal(AVAHI + ".BadStateError", "Bad state")
        if not 0 < len(name.encode()) <= 63:
            raise Refusal(AVAHI + ".InvalidServiceNameError", "Invalid service name")
        if name in self.ours:
            raise Refusal(AVAHI + ".CollisionError", "Local name collision")
        group["entries"][(str(name), str(kind))] = {"port": int(port), "txt": self.text(text)}
        return []

    def UpdateServiceTxt(self, message, path, interface, protocol, flags, name, kind, domain, text):
        entry = self.groups[path]["entries"].get((name, kind))
        if entry is None:
            raise Refusal(AVAHI + ".NotFoundError", "Not found")
        entry["txt"] = self.text(text)
        return []

    def Commit(self, message, path):
        if self.groups[path]["state"] != 0:
            raise Refusal(AVAHI + ".BadStateError", "Bad state")
        if not self.groups[path]["entries"]:
            raise Refusal(AVAHI + ".IsEmptyError", "Is empty")
        self.tell(path, 1)
        names = {name for name, _ in self.groups[path]["entries"]}
        later(20, self.settle, path, 3 if names & set(self.taken) else 2)
        return []

    def settle(self, path, number):
        if self.groups.get(path, {}).get("state") == 1:
            self.tell(path, number)

    def Reset(self, message, path):
        was, self.groups[path]["entries"] = self.groups[path]["state"], {}
        if was != 0:
            self.tell(path, 0)
        return []

    def Free(self, message, path):
        del self.groups[path], self.tree[path]
        return []


if __name__ == "__main__":
    main(lambda address, settings: [Avahi(address, settings)])
