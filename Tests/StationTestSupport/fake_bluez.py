#!/usr/bin/python3
"""org.bluez played on a private bus for tests: adapters, devices, GATT, and every way in which BlueZ was seen to misbehave.

    fake_bluez.py '{"address": "unix:path=…", "devices": [{…}]}'

Behaves as BlueZ 5.66 (doc/*-api.txt) with everything slow made fast. It is told what to do over the same bus: the object
/fake of org.station.FakeBlueZ takes Do(s) -> s, JSON both ways (see Fake.do). org.bluez lives on a connection of its own, so
that a restart of "bluetoothd" has a new unique name, as in life. org.freedesktop.systemd1 takes RestartUnit.

What a device does at each connect, resolving and write is a list, taken from the front; an empty list means "ok":
  connect: ok | abort | fail | br | busy | silent (no reply at all) | no-answer (no reply until Disconnect) | drop
  resolve: ok | never | late (object of the characteristic comes after the flag) | missing | drop
  write:   ok | drop (not stored, ATT 0x0e) | lost (stored, ATT 0x0e) | drop-first (stored, link gone, then the reply)
           | answer-drop (stored, reply, link gone) | silent (stored, never answered) | deaf (not stored, never answered, link
           gone) | att:NN (hexadecimal) | error:Name:text
  notify:  ok | silent (never answered) | drop (link gone, ATT 0x0e) | deaf (link gone, never answered) | att:NN |
           error:Name:text

A device with "relay" is played by the test: its reads and its writes (those that are "ok") are told as signals
Asked(s), JSON, and answered with {"do": "answer", …}; when the link goes first they end with ATT 0x0e.
"""
import json
import sys

import dbus
import dbus.bus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
DESCRIPTOR = "org.bluez.GattDescriptor1"
PROPERTIES, MANAGER = "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager"
UNKNOWN = "org.freedesktop.DBus.Error.UnknownObject"
USUAL = {
    "name": "SH_TEST", "address": "24:0A:C4:00:00:01", "rssi": -50, "service_data": {}, "advertises": True,
    "uuids": ["12c158d5-220f-4be9-b46a-a235f44c412a"], "services": None, "stays_after_write": True,
    "connect": [], "resolve": [], "write": [], "notify": [], "relay": False, "connected": False, "known": False,
    "paired": False, "steady": False,
    "held": False,  # Disconnect is not answered and the link stays, as in the 2 s that BlueZ takes for it
}
SERVICES = [{"uuid": "12c158d5-220f-4be9-b46a-a235f44c412a", "characteristics": [
    {"uuid": "85e4cb5a-4718-47e3-b363-b2d82655ee1e", "flags": ["read", "write"], "value": "", "description": None}]}]


# What lifts the block of all Bluetooth adapters when it is written to /dev/rfkill (struct rfkill_event).
UNBLOCK = bytes([0, 0, 0, 0, 2, 3, 0, 0])


class Refusal(Exception):
    def __init__(self, name, text=""):
        super().__init__(text)
        self.name = name if "." in name else "org.bluez.Error." + name
        self.text = text


def bytes_value(data):
    return dbus.Array([dbus.Byte(b) for b in data], signature="y")


def strings(values):
    return dbus.Array(values, signature="s")


class Device:
    """One peripheral, in the air and, once heard, as an object of BlueZ's."""

    def __init__(self, bluez, conf):
        unknown = set(conf) - set(USUAL)
        if unknown:
            raise ValueError(f"unknown device settings: {sorted(unknown)}")
        self.bluez, self.conf = bluez, {**USUAL, **conf}
        for key in ("connect", "resolve", "write", "notify"):
            self.conf[key] = list(self.conf[key])
        self.connected, self.heard, self.pending, self.stored, self.was_resolved = False, 0, [], [], False
        self.asked, self.number = {}, 0     # what the test has not answered yet
        self.notifying = {}                 # who wants to be told of a characteristic, by its path

    @property
    def path(self):
        return f"{self.bluez.hci}/dev_{self.conf['address'].replace(':', '_')}"

    @property
    def services(self):
        return self.conf["services"] if self.conf["services"] is not None else SERVICES

    def take(self, key):
        return self.conf[key].pop(0) if self.conf[key] else "ok"

    # --- advertising
    def properties(self):
        conf = self.conf
        props = {
            "Address": dbus.String(conf["address"]), "AddressType": dbus.String("public"),
            "Alias": dbus.String(conf["name"] or conf["address"].replace(":", "-")),
            "Paired": dbus.Boolean(conf["paired"]), "Trusted": dbus.Boolean(False), "Blocked": dbus.Boolean(False),
            "Connected": dbus.Boolean(self.connected), "UUIDs": strings(conf["uuids"]),
            "Adapter": dbus.ObjectPath(self.bluez.hci), "ServicesResolved": dbus.Boolean(False)}
        if conf["name"]:
            props["Name"] = dbus.String(conf["name"])
        return props

    def data(self):
        return dbus.Dictionary({k: bytes_value(bytes.fromhex(v)) for k, v in self.conf["service_data"].items()},
                               signature="sv")

    def advertise(self):
        conf, bluez = self.conf, self.bluez
        if not conf["advertises"] or self.connected:
            return
        self.heard += 1
        seen = {"RSSI": dbus.Int16(conf["rssi"] + (0 if conf["steady"] else self.heard % 3 - 1))}
        if conf["service_data"]:
            seen["ServiceData"] = self.data()
        if self.path not in bluez.tree:
            bluez.add(self.path, {DEVICE: {**self.properties(), **seen}})
            return
        if conf["name"]:
            seen["Name"] = dbus.String(conf["name"])
        if not self.was_resolved:       # afterwards BlueZ ignores what is advertised
            seen["UUIDs"] = strings(conf["uuids"])
        known = bluez.tree[self.path][DEVICE]
        # RSSI is told whenever it is heard with DuplicateData, as the station asks for.
        bluez.set(self.path, DEVICE, {k: v for k, v in seen.items() if k == "RSSI" or known.get(k) != v})

    # --- link
    def link(self):
        self.connected = True
        self.bluez.set(self.path, DEVICE, {"Connected": dbus.Boolean(True)})

    def drop(self):
        pending, self.pending = self.pending, []
        asked, self.asked, self.notifying = self.asked, {}, {}
        for message in asked.values():
            self.bluez.fail(message, Refusal("Failed", "Operation failed with ATT error: 0x0e"))
        if self.connected:
            self.connected = False
            for path in sorted((p for p in self.bluez.tree if p.startswith(self.path + "/")), reverse=True):
                self.bluez.remove(path)
            self.bluez.set(self.path, DEVICE, {"ServicesResolved": dbus.Boolean(False),
                                               "Connected": dbus.Boolean(False)})
        for message in pending:
            self.bluez.fail(message, Refusal("Failed", "le-connection-abort-by-local"))

    def connect(self, message):
        how = self.take("connect")
        self.bluez.note("connect-" + how, self.conf["address"])
        if how == "abort":
            raise Refusal("Failed", "le-connection-abort-by-local")
        if how == "fail":
            raise Refusal("Failed", "le-connection-refused")
        if how == "br":
            raise Refusal("Failed", "br-connection-profile-unavailable")
        if how == "busy":
            raise Refusal("InProgress", "Operation already in progress")
        if how == "silent":
            return None
        if how == "no-answer" or not self.conf["advertises"]:
            self.pending.append(message)
            return None
        if self.connected:
            return []
        self.link()
        if how == "drop":
            GLib.idle_add(self.drop)
        else:
            GLib.idle_add(self.resolve)
        return []

    def resolve(self):
        how = self.take("resolve")
        if how == "drop":
            self.drop()
        if how in ("drop", "never") or not self.connected:
            return
        if how != "late":
            self.show_services(how == "missing")
        self.was_resolved = True
        self.bluez.set(self.path, DEVICE, {"ServicesResolved": dbus.Boolean(True)})
        if how == "late":
            GLib.timeout_add(100, self.show_services, False)

    def show_services(self, without):
        for number, service in enumerate(self.services if self.connected and not without else []):
            spath = f"{self.path}/service{number + 14:04x}"
            self.bluez.add(spath, {SERVICE: {
                "UUID": dbus.String(service["uuid"]), "Device": dbus.ObjectPath(self.path),
                "Primary": dbus.Boolean(True)}})
            for index, one in enumerate(service["characteristics"]):
                cpath = f"{spath}/char{index + 15:04x}"
                self.bluez.add(cpath, {CHARACTERISTIC: {
                    "UUID": dbus.String(one["uuid"]), "Service": dbus.ObjectPath(spath),
                    "Notifying": dbus.Boolean(False), "Flags": strings(one["flags"]), "MTU": dbus.UInt16(23)}})
                if one.get("description"):
                    self.bluez.add(cpath + "/desc0020", {DESCRIPTOR: {
                        "UUID": dbus.String("00002901-0000-1000-8000-00805f9b34fb"),
                        "Characteristic": dbus.ObjectPath(cpath)}})

    # --- GATT
    def characteristic(self, path):
        service, index = path.split("/service")[1].split("/")[0], path.split("/char")[1].split("/")[0]
        return self.services[int(service, 16) - 14]["characteristics"][int(index, 16) - 15]

    def gatt(self, message, member, path, args):
        if not self.connected:
            raise Refusal("Failed", "Not connected")
        one = self.characteristic(path)
        if member == "ReadValue" and "/desc" in path:
            return [("ay", bytes_value(one["description"].encode()))]
        if member == "ReadValue":
            if self.conf["relay"]:
                return self.ask(message, one)
            return [("ay", bytes_value(bytes.fromhex(one.get("value") or "")))]
        if member in ("StartNotify", "StopNotify"):
            if "notify" not in one["flags"]:
                raise Refusal("NotSupported", "Operation is not supported")
            return self.notify(path, message.get_sender(), member == "StartNotify")
        if member == "WriteValue":
            return self.write(message, one, bytes(args[0]), args[1])
        raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", member)

    def misbehave(self, how):
        """What reads, writes and notifications have in common: whether there is an answer at all."""
        if how.startswith("att:"):
            raise Refusal("Failed", "Operation failed with ATT error: 0x" + how[4:])
        if how.startswith("error:"):
            raise Refusal(*how.split(":", 2)[1:])
        if how == "drop":
            self.drop()
            raise Refusal("Failed", "Operation failed with ATT error: 0x0e")
        if how == "deaf":
            self.drop()
            return False
        return True

    def notify(self, path, client, is_wanted):
        if is_wanted:
            how = self.take("notify")
            self.bluez.note("notify-" + how)
            if not self.misbehave(how) or how == "silent":
                return None
            self.notifying.setdefault(path, set()).add(client)
            self.bluez.set(path, CHARACTERISTIC, {"Notifying": dbus.Boolean(True)})
        else:
            self.end_notify(path, client)
        return []

    def end_notify(self, path, client):
        clients = self.notifying.get(path, set())
        clients.discard(client)
        if not clients and self.notifying.pop(path, None) is not None:
            self.bluez.set(path, CHARACTERISTIC, {"Notifying": dbus.Boolean(False)})

    def tell(self, uuid, value):
        """A characteristic tells a value to those who asked for it."""
        for path in list(self.notifying):
            if self.bluez.tree[path][CHARACTERISTIC]["UUID"] == uuid:
                self.bluez.set(path, CHARACTERISTIC, {"Value": bytes_value(value)})

    def ask(self, message, one, value=None):
        self.number += 1
        self.asked[self.number] = message
        self.bluez.relay({"number": self.number, "address": self.conf["address"], "uuid": one["uuid"],
                          "value": None if value is None else value.hex()})

    def answer(self, order):
        message = self.asked.pop(order["number"], None)
        if message is None:     # the link went first
            return
        if "error" in order:
            self.bluez.fail(message, Refusal(*order["error"]))
            return
        reply = dbus.lowlevel.MethodReturnMessage(message)
        if message.get_member() == "ReadValue":
            reply.append(bytes_value(bytes.fromhex(order["value"])), signature="ay")
        self.bluez.bus.send_message(reply)

    def write(self, message, one, value, options):
        how = self.take("write")
        self.bluez.note("write-" + how, str(options.get("type", "")))
        if len(value) > 512:
            raise Refusal("InvalidValueLength", "Invalid Length")
        if not self.misbehave(how):
            return None
        if self.conf["relay"] and how == "ok":
            return self.ask(message, one, value)
        self.stored.append(value.hex())
        self.conf["advertises"] = self.conf["stays_after_write"]
        if how == "silent":
            return None
        if how == "lost":
            self.drop()
            raise Refusal("Failed", "Operation failed with ATT error: 0x0e")
        if how == "drop-first":
            self.drop()
        if how == "answer-drop":
            GLib.idle_add(self.drop)
        return []

    def state(self):
        notifying = [str(self.bluez.tree[path][CHARACTERISTIC]["UUID"]) for path in sorted(self.notifying)]
        return {"address": self.conf["address"], "connected": self.connected, "stored": self.stored,
                "notifying": notifying,
                "known": self.path in self.bluez.tree, "advertises": self.conf["advertises"]}


class BlueZ:
    """The object tree, its signals and its calls."""

    def __init__(self, address, devices, settings):
        self.address, self.bus, self.tree, self.calls = address, None, {}, []
        self.hci, self.index, self.discovering = "/org/bluez/hci0", 0, set()
        self.present, self.deaf = True, settings.get("deaf")
        self.blocked, self.rfkill = settings.get("blocked", False), settings.get("rfkill")
        self.powered, self.relay = not self.blocked, None
        self.start_errors, self.stop_errors, self.restart_errors = [], [], []
        self.devices = [Device(self, conf) for conf in devices]
        if settings.get("running", True):
            self.start()
        GLib.timeout_add(settings.get("interval", 30), self.air)

    def note(self, what, detail=""):
        self.calls.append(f"{what} {detail}".strip())

    # --- life
    def start(self):
        self.bus = dbus.bus.BusConnection(self.address)
        self.bus.set_exit_on_disconnect(False)
        self.bus._register_object_path("/", self.called, None, True)
        self.bus.add_signal_receiver(self.owner_changed, "NameOwnerChanged", "org.freedesktop.DBus")
        self.bus.request_name("org.bluez")
        self.tree["/org/bluez"] = {"org.bluez.AgentManager1": {}}
        if self.present:
            self.plug()

    def stop(self):
        """Dies: no InterfacesRemoved, the name is gone with the connection."""
        for device in self.devices:
            device.pending, device.connected, device.was_resolved = [], False, False
            device.asked, device.notifying = {}, {}
        self.tree, self.discovering = {}, set()
        self.bus.close()
        self.bus = None

    def owner_changed(self, name, old, new):
        if not new and name in self.discovering:
            self.end_discovery(str(name))
        for device in self.devices if not new else []:
            for path in list(device.notifying):
                device.end_notify(path, name)

    def plug(self):
        self.add(self.hci, {ADAPTER: {
            "Address": dbus.String("B8:27:EB:00:00:01"), "Name": dbus.String("station"),
            "Alias": dbus.String("station"), "Powered": dbus.Boolean(self.powered),
            "Discovering": dbus.Boolean(False), "Modalias": dbus.String("usb:v1D6Bp0246d0542"),
            "Roles": strings(["central", "peripheral"])}})
        for device in self.devices:
            if device.conf["known"] or device.conf["connected"]:
                device.connected = device.conf["connected"]
                self.add(device.path, {DEVICE: device.properties()})

    def unplug(self):
        for device in self.devices:
            device.drop()
            device.was_resolved = False
        self.discovering.clear()
        for path in sorted((p for p in self.tree if p.startswith("/org/bluez/hci")), reverse=True):
            self.remove(path)

    def power(self, on):
        if not on:
            for device in self.devices:
                device.drop()
            for client in list(self.discovering):
                self.end_discovery(client)
        self.powered = on
        self.set(self.hci, ADAPTER, {"Powered": dbus.Boolean(on)})
        if on and self.deaf == "power":
            self.deaf = None

    # --- the tree
    def signal(self, path, interface, member, *args):
        if self.bus is None:
            return
        message = dbus.lowlevel.SignalMessage(path, interface, member)
        for signature, value in args:
            message.append(value, signature=signature)
        self.bus.send_message(message)

    @staticmethod
    def shown(interfaces):
        return dbus.Dictionary({name: dbus.Dictionary(props, signature="sv") for name, props in interfaces.items()},
                               signature="sa{sv}")

    def add(self, path, interfaces):
        self.tree[path] = interfaces
        self.signal("/", MANAGER, "InterfacesAdded", ("o", path), ("a{sa{sv}}", self.shown(interfaces)))

    def remove(self, path):
        interfaces = self.tree.pop(path, None)
        if interfaces:
            self.signal("/", MANAGER, "InterfacesRemoved", ("o", path), ("as", list(interfaces)))

    def set(self, path, interface, changed, gone=()):
        if (changed or gone) and path in self.tree:
            self.tree[path][interface].update(changed)
            self.signal(path, PROPERTIES, "PropertiesChanged", ("s", interface), ("a{sv}", changed), ("as", list(gone)))

    # --- discovery
    def air(self):
        if self.discovering and not self.deaf and self.hci in self.tree:
            for device in self.devices:
                device.advertise()
        return True

    def end_discovery(self, client):
        self.discovering.discard(client)
        if self.discovering or self.hci not in self.tree:
            return
        self.set(self.hci, ADAPTER, {"Discovering": dbus.Boolean(False)})
        for device in self.devices:
            if self.tree.get(device.path, {}).get(DEVICE, {}).pop("RSSI", None) is not None:
                self.set(device.path, DEVICE, {}, ["RSSI"])

    # --- calls
    def fail(self, message, refusal):
        self.bus.send_message(dbus.lowlevel.ErrorMessage(message, refusal.name, refusal.text))

    def called(self, connection, message):
        try:
            values = self.answer(message)
        except Refusal as refusal:
            self.fail(message, refusal)
            return
        except Exception as error:      # a fault of the fake: say so, stay up
            print(f"fake error in {message.get_member()}: {error!r}", flush=True)
            self.fail(message, Refusal("Failed", f"fake: {error!r}"))
            return
        if values is None or self.bus is None:
            return
        reply = dbus.lowlevel.MethodReturnMessage(message)
        for signature, value in values:
            reply.append(value, signature=signature)
        self.bus.send_message(reply)

    def answer(self, message):
        path, interface, member = message.get_path(), message.get_interface(), message.get_member()
        args = message.get_args_list()
        if (interface, member) == (MANAGER, "GetManagedObjects"):
            return [("a{oa{sa{sv}}}", {dbus.ObjectPath(p): self.shown(i) for p, i in self.tree.items()})]
        node = self.tree.get(path)
        if node is None or (interface != PROPERTIES and interface not in node):
            raise Refusal(UNKNOWN, f'Method "{member}" with signature on interface "{interface}" doesn\'t exist\n')
        if interface == PROPERTIES:
            return self.property(path, node, member, args)
        if interface == ADAPTER:
            return self.adapter(message, member, args)
        device = next((d for d in self.devices if path == d.path or path.startswith(d.path + "/")), None)
        if interface == DEVICE and device:
            if member == "Connect":
                if not self.powered:
                    raise Refusal("NotReady", "Resource Not Ready")
                return device.connect(message)
            if member == "Disconnect":
                self.note("disconnect", device.conf["address"])
                if device.conf["held"]:
                    return None
                device.drop()
                return []
        if interface in (CHARACTERISTIC, DESCRIPTOR) and device:
            return device.gatt(message, member, path, args)
        return []

    def property(self, path, node, member, args):
        props = node.get(args[0], {})
        if member == "GetAll":
            return [("a{sv}", dbus.Dictionary(props, signature="sv"))]
        if member == "Get":
            return [("v", props[args[1]])]
        if args[1] == "Powered":
            self.note("powered", str(bool(args[2])))
            if args[2] and self.is_blocked():
                raise Refusal("Blocked", "Blocked through rfkill")
            self.power(bool(args[2]))
        return []

    def is_blocked(self):
        """Down, until what lifts it is written to the file that stands for /dev/rfkill."""
        if self.blocked and self.rfkill:
            with open(self.rfkill, "rb") as file:
                self.blocked = UNBLOCK not in file.read()
        return self.blocked

    def adapter(self, message, member, args):
        sender = message.get_sender()
        if member == "RemoveDevice":
            device = next((d for d in self.devices if d.path == args[0]), None)
            self.note("remove", device.conf["address"] if device else str(args[0]))
            if device is None or device.path not in self.tree:
                raise Refusal("DoesNotExist", "Does Not Exist")
            device.drop()
            device.was_resolved = False
            self.remove(device.path)
            return []
        if member == "SetDiscoveryFilter":
            self.note("filter", json.dumps(args[0], sort_keys=True, default=str))
            return []
        if member == "StartDiscovery":
            self.note("start")
            if not self.powered:
                raise Refusal("NotReady", "Resource Not Ready")
            if self.start_errors:
                raise Refusal(*self.start_errors.pop(0))
            if sender in self.discovering:
                raise Refusal("InProgress", "Operation already in progress")
            if self.deaf == "discovery":
                self.deaf = None
            self.discovering.add(sender)
            self.set(self.hci, ADAPTER, {"Discovering": dbus.Boolean(True)})
        elif member == "StopDiscovery":
            self.note("stop")
            if self.stop_errors:
                raise Refusal(*self.stop_errors.pop(0))
            if sender not in self.discovering:
                raise Refusal("Failed", "No discovery started")
            self.end_discovery(sender)
        return []


class Fake:
    """What the test tells: one JSON object, answered with the state."""

    def __init__(self, settings):
        self.bus = dbus.bus.BusConnection(settings["address"])
        self.bluez = BlueZ(settings["address"], settings.get("devices", []), settings)
        self.bluez.relay = self.relay
        self.bus._register_object_path("/", self.called, None, True)
        for name in ("org.station.FakeBlueZ", "org.freedesktop.systemd1"):
            self.bus.request_name(name)

    def relay(self, request):
        message = dbus.lowlevel.SignalMessage("/fake", "org.station.FakeBlueZ", "Asked")
        message.append(json.dumps(request), signature="s")
        self.bus.send_message(message)

    def called(self, connection, message):
        try:
            if message.get_member() == "RestartUnit":
                self.bluez.note("restart-unit", str(message.get_args_list()[0]))
                if self.bluez.restart_errors:
                    raise Refusal(*self.bluez.restart_errors.pop(0))
                self.bluez.deaf = None
                if self.bluez.bus:
                    self.bluez.stop()
                self.bluez.start()
                value = dbus.ObjectPath("/org/freedesktop/systemd1/job/1")
            else:
                value = dbus.String(json.dumps(self.do(json.loads(message.get_args_list()[0]))))
            reply = dbus.lowlevel.MethodReturnMessage(message)
            reply.append(value)
        except Refusal as refusal:
            reply = dbus.lowlevel.ErrorMessage(message, refusal.name, refusal.text)
        except Exception as error:
            reply = dbus.lowlevel.ErrorMessage(message, "org.station.FakeBlueZ.Error", repr(error))
        self.bus.send_message(reply)

    def do(self, order):
        bluez, command = self.bluez, order.pop("do")
        meant = [d for d in bluez.devices if order.get("address", d.conf["address"]) == d.conf["address"]]
        if command == "add":
            bluez.devices.append(Device(bluez, order))
        elif command == "set":          # settings of a device
            for device in meant:
                for key in order:
                    USUAL[key]          # KeyError for an unknown one
                device.conf.update(order)
        elif command == "drop":
            for device in meant:
                device.drop()
        elif command == "notify":       # a characteristic tells a value
            for device in meant:
                device.tell(order["uuid"], bytes.fromhex(order["value"]))
        elif command == "answer":       # what was asked of a device with "relay": number, value or error
            for device in meant:
                device.answer(order)
        elif command == "adapter":      # powered, present, index, blocked, deaf, foreign, *_errors
            self.adapter(order)
        elif command == "bluetoothd":
            if order["running"] and not bluez.bus:
                bluez.start()
            elif not order["running"] and bluez.bus:
                bluez.stop()
        elif command != "state":
            raise KeyError(command)
        return {"calls": bluez.calls, "discovering": len(bluez.discovering), "powered": bluez.powered,
                "running": bluez.bus is not None, "devices": [d.state() for d in bluez.devices]}

    def adapter(self, order):
        bluez = self.bluez
        for key in ("blocked", "deaf", "start_errors", "stop_errors", "restart_errors"):
            if key in order:
                setattr(bluez, key, order[key])
        if "foreign" in order:          # another program has discovery on
            if order["foreign"]:
                bluez.discovering.add(":9.9")
                bluez.set(bluez.hci, ADAPTER, {"Discovering": dbus.Boolean(True)})
            else:
                bluez.end_discovery(":9.9")
        if "powered" in order:
            bluez.power(order["powered"])
        if order.get("present") is False:
            bluez.present = False
            bluez.unplug()
        if "index" in order:
            bluez.hci = f"/org/bluez/hci{order['index']}"
        if order.get("present") is True and not bluez.present:
            bluez.present = True
            bluez.plug()


if __name__ == "__main__":
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    fake = Fake(json.loads(sys.argv[1]))
    print("ready", flush=True)
    GLib.MainLoop().run()
