"""What the fakes of D-Bus services have in common: a service at the wire of a private bus, and the door for orders.

A service lives on a connection of its own, so that its restart has a new unique name, as in life. A fake is told what to do
over the same bus: the object /fake of org.station.Fake takes Do(s) -> s, JSON both ways.

Of any service an order can say, by the name of a method: "fail" (a list of [error name, text], taken from the front),
"silent" (never answered), "lacks" (no such method).
"""
import json
import sys

import dbus
import dbus.bus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib

PROPERTIES = "org.freedesktop.DBus.Properties"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"


class Refusal(Exception):
    def __init__(self, name, text=""):
        super().__init__(text)
        self.name, self.text = name, text


def later(milliseconds, action, *args):
    def fire():
        action(*args)
        return False
    return GLib.timeout_add(milliseconds, fire)


def plain(value):
    """A value of D-Bus as JSON has it; bytes become hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dbus.Array) and value.signature == "y":
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (bool, dbus.Boolean)):
        return bool(value)
    return int(value) if isinstance(value, int) else str(value)


class Service:
    """A tree of objects under one name: path -> interface -> property -> value."""

    name = None
    # Members whose arguments are nobody's business in the list of calls.
    quiet = ("Get", "GetAll")

    def __init__(self, address, settings):
        self.address, self.settings = address, settings
        self.bus, self.tree, self.calls = None, {}, []
        self.fail, self.silent, self.lacks = {}, set(), set()
        self.obey(settings)
        if settings.get("running", True) and self.bus is None:
            self.start()

    def start(self):
        self.bus = dbus.bus.BusConnection(self.address)
        self.bus.set_exit_on_disconnect(False)
        self.bus._register_object_path("/", self.called, None, True)
        self.bus.add_signal_receiver(self.owner_changed, "NameOwnerChanged", "org.freedesktop.DBus")
        self.bus.request_name(self.name)

    def stop(self):
        self.bus.close()
        self.bus = None

    def owner_changed(self, name, old, new):
        if not new:
            self.client_left(str(name))

    def client_left(self, name):
        pass

    def obey(self, order):
        for key, value in order.get("fail", {}).items():
            self.fail[key] = [Refusal(*one) for one in value]
        self.silent = set(order.get("silent", self.silent))
        self.lacks = set(order.get("lacks", self.lacks))
        if "running" in order and self.bus is not None and not order["running"]:
            self.stop()
        elif order.get("running") and self.bus is None:
            self.start()

    def signal(self, path, interface, member, *args, to=None):
        if self.bus is None:
            return
        message = dbus.lowlevel.SignalMessage(path, interface, member)
        if to:
            message.set_destination(to)
        for signature, value in args:
            message.append(value, signature=signature)
        self.bus.send_message(message)

    def set(self, path, interface, **changed):
        if path in self.tree:
            self.tree[path][interface].update(changed)
            self.signal(path, PROPERTIES, "PropertiesChanged", ("s", interface),
                        ("a{sv}", dbus.Dictionary(changed, signature="sv")), ("as", dbus.Array([], signature="s")))

    def called(self, connection, message):
        if message.get_type() != dbus.lowlevel.MESSAGE_TYPE_METHOD_CALL:
            return
        try:
            values = self.answer(message)
            if values is None or self.bus is None:
                return
            reply = dbus.lowlevel.MethodReturnMessage(message)
            for signature, value in values:
                reply.append(value, signature=signature)
        except Refusal as refusal:
            reply = dbus.lowlevel.ErrorMessage(message, refusal.name, refusal.text)
        except Exception as error:      # a fault of the fake: say so, stay up
            print(f"fake error in {message.get_member()}: {error!r}", flush=True)
            reply = dbus.lowlevel.ErrorMessage(message, "org.station.Fake.Error", f"fake: {error!r}")
        self.bus.send_message(reply)

    def answer(self, message):
        path, interface, member = message.get_path(), message.get_interface(), message.get_member()
        args = message.get_args_list()
        if member not in self.quiet:
            self.calls.append({"member": member, "path": path, "args": plain(args)})
        if member in self.silent:
            return None
        if self.fail.get(member):
            raise self.fail[member].pop(0)
        node = self.tree.get(path)
        if node is None:
            raise Refusal(UNKNOWN_METHOD, f"Object does not exist at path “{path}”")
        if member in self.lacks or (interface != PROPERTIES and interface not in node):
            raise Refusal(UNKNOWN_METHOD, f"No such method “{member}”")
        if interface == PROPERTIES:
            if args[0] not in node:
                raise Refusal("org.freedesktop.DBus.Error.InvalidArgs", f"No such interface “{args[0]}”")
            if member == "GetAll":
                return [("a{sv}", dbus.Dictionary(node[args[0]], signature="sv"))]
            return [("v", node[args[0]][args[1]])]
        return getattr(self, member)(message, path, *args)

    def state(self):
        return {"running": self.bus is not None, "calls": self.calls}


class Door:
    """Where the test gives its orders."""

    def __init__(self, service):
        self.service = service
        self.bus = dbus.bus.BusConnection(service.address)
        self.bus._register_object_path("/", self.called, None, True)
        self.bus.request_name(f"org.station.Fake.{service.name.split('.')[-1]}")

    def called(self, connection, message):
        if message.get_type() != dbus.lowlevel.MESSAGE_TYPE_METHOD_CALL:
            return
        try:
            self.service.obey(json.loads(message.get_args_list()[0]))
            reply = dbus.lowlevel.MethodReturnMessage(message)
            reply.append(dbus.String(json.dumps(self.service.state())))
        except Exception as error:
            reply = dbus.lowlevel.ErrorMessage(message, "org.station.Fake.Error", repr(error))
        self.bus.send_message(reply)


def main(make):
    """Runs the services that `make` gives for the settings."""
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    settings = json.loads(sys.argv[1])
    doors = [Door(service) for service in make(settings["address"], settings)]
    print("ready", flush=True)
    GLib.MainLoop().run()
    return doors
