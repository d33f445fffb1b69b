#!/usr/bin/python3
"""org.freedesktop.NetworkManager played on a private bus for tests: devices, access points, profiles, and every way in which
a Wi-Fi network was seen not to let the station in.

    fake_networkmanager.py '{"address": "unix:path=…", "air": [{"ssid": "Casa"}], "profiles": [{…}], "up": "Casa"}'

States, reasons and errors are those of NetworkManager 1.42 with real access points, with everything slow made fast. See
fake_bus.py for the orders of any service; its own are the keys of `obey`.

"air" is what a scan finds; "heard" what was found before. Of an access point:
  ssid (text) or hex, strength, frequency, security (open | owe | wep | wpa | wpa3 | mixed | enterprise), password, hidden,
  join: ok | no-address (associated, and no more) | link-local (up, without an address of the network's) | stuck (never
        associated) | reason:N (fails so)
"""
import uuid

import dbus

from fake_bus import Refusal, Service, later, main, plain

NM = "org.freedesktop.NetworkManager"
ROOT = "/org/freedesktop/NetworkManager"
SETTINGS, PROFILE = NM + ".Settings", NM + ".Settings.Connection"
DEVICE, WIRELESS, POINT = NM + ".Device", NM + ".Device.Wireless", NM + ".AccessPoint"
ACTIVE, IP4, IP6 = NM + ".Connection.Active", NM + ".IP4Config", NM + ".IP6Config"
WLAN = ROOT + "/Devices/3"
STEP = 15
SECURITY = {"open": (0, 0), "owe": (1, 0x800), "wep": (1, 0), "wpa": (1, 0x188), "wpa3": (1, 0x488), "mixed": (1, 0x588),
            "enterprise": (1, 0x288)}
USUAL = {"ssid": "Casa", "hex": None, "strength": 70, "frequency": 2437, "security": "wpa", "password": "correct horse",
         "hidden": False, "join": "ok"}


def path_of(value):
    return dbus.ObjectPath(value)


def paths(values):
    return dbus.Array([path_of(one) for one in values], signature="o")


def addresses(*values):
    return dbus.Array([dbus.Dictionary({"address": a, "prefix": dbus.UInt32(p)}, signature="sv") for a, p in values],
                      signature="a{sv}")


class Point:
    def __init__(self, conf, number):
        unknown = set(conf) - set(USUAL)
        if unknown:
            raise ValueError(f"unknown settings of an access point: {sorted(unknown)}")
        self.conf, self.path = {**USUAL, **conf}, f"{ROOT}/AccessPoint/{number}"
        self.ssid = bytes.fromhex(self.conf["hex"]) if self.conf["hex"] else self.conf["ssid"].encode()

    def properties(self):
        private, flags = SECURITY[self.conf["security"]]
        return {"Ssid": dbus.ByteArray(b"" if self.conf["hidden"] else self.ssid), "Flags": dbus.UInt32(private),
                "WpaFlags": dbus.UInt32(0), "RsnFlags": dbus.UInt32(flags), "Mode": dbus.UInt32(2),
                "Strength": dbus.Byte(self.conf["strength"]), "Frequency": dbus.UInt32(self.conf["frequency"])}


class NetworkManager(Service):
    name = NM

    def __init__(self, address, settings):
        self.count, self.profiles, self.points, self.air, self.attempt, self.tree = 0, {}, [], [], 0, {}
        self.radio, self.scan_time, self.scans, self.automatic = True, 60, 0, False
        for conf in settings.get("profiles", []):
            self.add_profile(self.made(conf), on_disk=True)
        self.hear(settings.get("heard", []))
        super().__init__(address, settings)

    def number(self):
        self.count += 1
        return self.count

    # --- life
    def start(self):
        self.tree = {
            ROOT: {NM: {
                "Connectivity": dbus.UInt32(4), "WirelessEnabled": self.radio, "WirelessHardwareEnabled": True,
                "Devices": paths([]), "ActiveConnections": paths([]), "PrimaryConnection": path_of("/")}},
            ROOT + "/Settings": {SETTINGS: {"Connections": paths([])}}}
        for number, (name, kind, state) in enumerate(self.settings.get("devices", [
                ["lo", 32, 100], ["eth0", 1, 100], ["wlan0", 2, 30], ["p2p-dev-wlan0", 30, 30]]), 1):
            self.plug(f"{ROOT}/Devices/{number}", name, kind, state)
        for path in self.profiles:
            self.tree[path] = {PROFILE: {}}
        for point in self.points:
            self.tree[point.path] = {POINT: point.properties()}
        super().start()
        up = self.settings.get("up")
        if up:
            self.activate(self.profile_of(up.encode()), "/", at_once=True)

    def stop(self):
        self.attempt += 1
        self.tree = {}
        super().stop()

    def plug(self, path, name, kind, state):
        self.tree[path] = {DEVICE: {
            "Interface": name, "DeviceType": dbus.UInt32(kind), "State": dbus.UInt32(state),
            "StateReason": dbus.Struct((dbus.UInt32(state), dbus.UInt32(0)), signature="uu"),
            "HwAddress": f"02:00:00:00:00:0{path[-1]}", "ActiveConnection": path_of("/"),
            "Ip4Config": path_of(path + "/ip4"), "Ip6Config": path_of(path + "/ip6")}}
        known = addresses(("192.168.1.20", 24)) if name == "eth0" else addresses()
        self.tree[path + "/ip4"] = {IP4: {
            "AddressData": known, "Gateway": "192.168.1.1" if name == "eth0" else "",
            "NameserverData": addresses(("192.168.1.1", 0)) if name == "eth0" else addresses()}}
        self.tree[path + "/ip6"] = {IP6: {"AddressData": addresses(), "Gateway": ""}}
        if kind == 2:
            self.tree[path][WIRELESS] = {
                "AccessPoints": paths(p.path for p in self.points), "ActiveAccessPoint": path_of("/"),
                "LastScan": dbus.Int64(-1)}
        if name == "eth0" and state == 100:
            self.tree[ROOT + "/ActiveConnection/1"] = {ACTIVE: {
                "Id": "Wired", "Uuid": "wired", "Connection": path_of("/"), "Devices": paths([path]),
                "State": dbus.UInt32(2), "SpecificObject": path_of("/")}}
            self.tree[path][DEVICE]["ActiveConnection"] = path_of(ROOT + "/ActiveConnection/1")
            self.tree[ROOT][NM]["PrimaryConnection"] = path_of(ROOT + "/ActiveConnection/1")
        self.tree[ROOT][NM]["Devices"].append(path_of(path))

    def obey(self, order):
        if "air" in order:
            self.air = order["air"]
        self.scan_time = order.get("scan_time", self.scan_time)
        self.automatic = order.get("autoconnect", self.automatic)
        if "radio" in order:
            self.radio = order["radio"]
            if self.tree:
                self.set(ROOT, NM, WirelessEnabled=self.radio)
        if "up" in order and self.tree:
            self.activate(self.profile_of(order["up"].encode()), "/", at_once=True)
        super().obey(order)

    def state(self):
        wlan = self.tree.get(WLAN, {}).get(DEVICE, {})
        active = self.tree.get(wlan.get("ActiveConnection"), {}).get(ACTIVE, {})
        shown = [{**plain(p["settings"]), "path": path, "disk": p["disk"], "secrets": plain(p["secrets"])}
                 for path, p in self.profiles.items()]
        return {**super().state(), "profiles": shown, "device": int(wlan.get("State", 0)), "scans": self.scans,
                "up": str(active.get("Uuid", "")) if active.get("State") == 2 else ""}

    # --- scans
    def hear(self, confs):
        self.points = [Point(conf, self.number()) for conf in confs]

    def RequestScan(self, message, path, options):
        self.scans += 1
        later(self.scan_time, self.scanned, path)
        return []

    def scanned(self, path):
        if path not in self.tree:
            return
        for point in self.points:
            self.tree.pop(point.path, None)
        self.hear(self.air)
        for point in self.points:
            self.tree[point.path] = {POINT: point.properties()}
        self.set(path, WIRELESS, AccessPoints=paths(p.path for p in self.points))
        self.set(path, WIRELESS, LastScan=dbus.Int64(1000 * self.scans))

    # --- profiles
    @staticmethod
    def made(conf):
        ssid = conf.get("ssid", "Casa")
        return {"connection": {"id": ssid, "uuid": conf.get("uuid", ssid), "type": "802-11-wireless",
                               "autoconnect": conf.get("autoconnect", True),
                               **({"interface-name": conf["interface"]} if "interface" in conf else {})},
                "802-11-wireless": {"ssid": dbus.ByteArray(ssid.encode()), "mode": conf.get("mode", "infrastructure"),
                                    "powersave": dbus.UInt32(conf.get("powersave", 2))},
                "802-11-wireless-security": {"key-mgmt": "wpa-psk", "psk": conf.get("password", "correct horse")}}

    def add_profile(self, settings, on_disk):
        path = f"{ROOT}/Settings/{self.number()}"
        settings = {str(name): dict(group) for name, group in settings.items()}
        settings["connection"].setdefault("uuid", str(uuid.uuid4()))
        psk = settings.get("802-11-wireless-security", {}).pop("psk", None)
        self.profiles[path] = {"settings": settings, "secrets": {"psk": psk} if psk else {}, "disk": on_disk}
        self.tree[path] = {PROFILE: {}}
        return path

    def profile_of(self, ssid):
        return next(p for p, one in self.profiles.items() if bytes(one["settings"]["802-11-wireless"]["ssid"]) == ssid)

    def ListConnections(self, message, path):
        return [("ao", paths(self.profiles))]

    def GetConnectionByUuid(self, message, path, wanted):
        for one, profile in self.profiles.items():
            if profile["settings"]["connection"]["uuid"] == wanted:
                return [("o", path_of(one))]
        raise Refusal(SETTINGS + ".InvalidConnection", "No connection with the UUID was found.")

    def GetSettings(self, message, path):
        groups = {name: dbus.Dictionary(group, signature="sv")
                  for name, group in self.profiles[path]["settings"].items()}
        return [("a{sa{sv}}", dbus.Dictionary(groups, signature="sa{sv}"))]

    def Update2(self, message, path, settings, *_):
        settings = {str(name): dict(group) for name, group in settings.items()}
        psk = settings.get("802-11-wireless-security", {}).pop("psk", None)
        self.profiles[path]["settings"] = settings
        if psk:                         # without any secret the old ones are kept
            self.profiles[path]["secrets"] = {"psk": psk}
        return [("a{sv}", dbus.Dictionary({}, signature="sv"))] if message.get_member() == "Update2" else []

    Update = Update2

    def Save(self, message, path):
        self.profiles[path]["disk"] = True
        return []

    def Delete(self, message, path):
        active = self.tree[WLAN][DEVICE]["ActiveConnection"]
        if self.tree.get(active, {}).get(ACTIVE, {}).get("Connection") == path:
            self.attempt += 1
            self.down(38)
        del self.profiles[path], self.tree[path]
        return []

    # --- connections
    def AddAndActivateConnection2(self, message, path, settings, device, point, options):
        profile, active = self.begin(settings, device, point, options.get("persist", "disk") == "disk")
        return [("o", profile), ("o", active), ("a{sv}", dbus.Dictionary({}, signature="sv"))]

    def AddAndActivateConnection(self, message, path, settings, device, point):
        profile, active = self.begin(settings, device, point, True)
        return [("o", profile), ("o", active)]

    def begin(self, settings, device, point, on_disk):
        if device != WLAN or not self.radio:
            raise Refusal(NM + ".UnknownConnection", "Connection is not available on device because device is not available")
        if point != "/" and point not in self.tree:
            raise Refusal(NM + ".UnknownConnection", "The access point is gone")
        profile = self.add_profile(settings, on_disk)
        self.profiles[profile]["settings"]["connection"].setdefault("interface-name", "wlan0")
        return path_of(profile), path_of(self.activate(profile, point))

    def ActivateConnection(self, message, path, profile, device, point):
        if profile not in self.profiles:
            raise Refusal(NM + ".UnknownConnection", "Connection could not be found.")
        return [("o", path_of(self.activate(profile, point)))]

    def device(self, state, reason=0):
        old = self.tree[WLAN][DEVICE]["State"]
        self.set(WLAN, DEVICE, State=dbus.UInt32(state))
        self.signal(WLAN, DEVICE, "StateChanged", ("u", dbus.UInt32(state)), ("u", old), ("u", dbus.UInt32(reason)))

    def down(self, reason):
        """Ends what is up or on its way, if anything is."""
        active = self.tree[WLAN][DEVICE]["ActiveConnection"]
        if active == "/":
            return
        self.device(110, reason)
        self.device(30, reason)
        self.gone(active)

    def gone(self, active):
        self.tree.pop(active, None)
        self.tree[WLAN + "/ip4"][IP4].update(AddressData=addresses(), Gateway="")
        self.tree[WLAN + "/ip6"][IP6].update(AddressData=addresses())
        self.set(WLAN, WIRELESS, ActiveAccessPoint=path_of("/"))
        self.set(WLAN, DEVICE, ActiveConnection=path_of("/"))
        self.list_active()

    def list_active(self):
        self.set(ROOT, NM, ActiveConnections=paths(p for p, one in self.tree.items() if ACTIVE in one))

    def activate(self, profile, point, at_once=False):
        self.down(60)
        self.attempt += 1
        conf, active = self.profiles[profile]["settings"], f"{ROOT}/ActiveConnection/{self.number() + 1}"
        self.tree[active] = {ACTIVE: {
            "Id": conf["connection"]["id"], "Uuid": conf["connection"]["uuid"], "Connection": path_of(profile),
            "Devices": paths([WLAN]), "State": dbus.UInt32(1), "SpecificObject": path_of(point)}}
        self.set(WLAN, DEVICE, ActiveConnection=path_of(active))
        self.list_active()
        found = next((p for p in self.points if p.ssid == bytes(conf["802-11-wireless"]["ssid"])), None)
        if at_once:
            self.up(active, found, [("192.168.50.7", 24)])
            return active
        self.step(self.attempt, active, found, [(40, 0), (50, 0)] + self.plan(profile, found))
        return active

    def plan(self, profile, point):
        """The states to come, each with its reason."""
        conf = self.profiles[profile]["settings"]
        if point is None or (point.conf["hidden"] and not conf["802-11-wireless"].get("hidden")):
            return [(120, 53)]
        security, secrets = point.conf["security"], self.profiles[profile]["secrets"]
        if security not in ("open", "owe") and secrets.get("psk") != point.conf["password"]:
            return [(60, 8), (120, 7)]
        how = point.conf["join"]
        if how.startswith("reason:"):
            return [(120, int(how.split(":")[1]))]
        ways = {"ok": [(70, 0), (80, 0), (90, 0), (100, 0)], "stuck": [], "no-address": [(70, 0)],
                "link-local": [(70, 0), (100, 0)]}
        return ways[how]

    def step(self, attempt, active, point, steps):
        if not steps or attempt != self.attempt or self.bus is None:
            return
        (state, reason), rest = steps[0], steps[1:]
        if state == 100:
            how = point.conf["join"]
            self.up(active, point, [("169.254.3.4", 16)] if how == "link-local" else [("192.168.50.7", 24)])
        elif state == 120:
            self.device(120, reason)
            self.gone(active)
            self.device(30)
            if self.automatic:
                later(STEP, self.come_back, self.attempt)
        else:
            self.device(state, reason)
        later(STEP, self.step, attempt, active, point, rest)

    def come_back(self, attempt):
        """NetworkManager brings up what it can by itself."""
        if attempt == self.attempt and self.profiles and self.bus:
            self.activate(next(iter(self.profiles)), "/")

    def up(self, active, point, given):
        self.tree[WLAN + "/ip4"][IP4].update(AddressData=addresses(*given), Gateway="192.168.50.1")
        self.tree[WLAN + "/ip6"][IP6].update(AddressData=addresses(("fe80::7", 64)))
        if point:
            self.set(WLAN, WIRELESS, ActiveAccessPoint=path_of(point.path))
        self.set(active, ACTIVE, State=dbus.UInt32(2))
        self.device(100)


if __name__ == "__main__":
    main(lambda address, settings: [NetworkManager(address, settings)])
