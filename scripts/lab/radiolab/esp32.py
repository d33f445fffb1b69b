"""A factory-new ESP32 with the published firmware: advertises, takes its settings in one write, and goes to the broker."""
import asyncio
import json
import time

from bumble import att, gatt, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import AdvertisingType, Device, DeviceConfiguration
from bumble.host import Host

from .air import SUPERVISION_TIMEOUT, DeviceRadio
from .broker import BrokerLife

SERVICE = "12c158d5-220f-4be9-b46a-a235f44c412a"
CHARACTERISTIC = "85e4cb5a-4718-47e3-b363-b2d82655ee1e"
WIFI_JOIN = 0.5     # seconds that joining the Wi-Fi takes; some seconds in life

# What may go wrong, at one connection attempt each; see `Esp32.plan`.
FAULTS = {
    "fine": "nothing",
    "vanish": "out of range as soon as it is called; back after 3 s",
    "drop-discovery": "hangs up at the first question about its services",
    "never-resolves": "never answers a question about its services",
    "drop-mid-write": "out of range in the middle of the write, nothing stored; back after 3 s",
    "refuse": "answers the write with an ATT error",
    "reboot-unanswered": "stores the value and reboots before it answers",
    "reboot-answered": "stores the value, answers, and reboots at once",
}


class Esp32:
    """One device; a new one for each round, as out of the box."""

    def __init__(self, air, station, name, number, *, plan=(), mtu=255, rssi=-50, gentle=0.3, joins_broker=True):
        self.air, self.station, self.name = air, station, name
        self.address = f"24:0A:C4:00:{number >> 8:02X}:{number & 255:02X}"
        self.plan, self.mtu, self.gentle, self.joins_broker = list(plan), mtu, gentle, joins_broker
        self.fault = "fine"
        self.radio = DeviceRadio(name, air, self.address, rssi)
        self.device = self.link = self.life = None
        self.stored, self.write_packets, self.attempts = [], 0, 0
        self.connected_from, self.connections = None, []
        self.tasks = set()
        self.has_stored = asyncio.Event()

    # Power and radio.

    async def power_on(self):
        host = Host()
        host.controller = self.radio
        self.device = Device(config=DeviceConfiguration(
            name=self.name, address=self.radio.public_address, keystore=None, gap_service_enabled=True), host=host)
        properties = gatt.Characteristic.Properties.READ | gatt.Characteristic.Properties.WRITE
        permissions = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE
        self.characteristic = gatt.Characteristic(CHARACTERISTIC, properties, permissions, gatt.CharacteristicValue(
            read=lambda _link: b"{}", write=self.take))
        self.device.add_service(gatt.Service(SERVICE, [self.characteristic]))
        server = self.device.gatt_server
        server.max_mtu = self.mtu
        self.serve, server.on_gatt_pdu = server.on_gatt_pdu, self.hear
        self.device.on("connection", self.begin_link)
        await self.device.power_on()
        await self.advertise()

    async def advertise(self):
        whole = [(AdvertisingData.FLAGS, b"\x06"),
                 (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(SERVICE)))]
        name = [(AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode())]
        await self.device.start_advertising(
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE, own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=bytes(AdvertisingData(whole)), scan_response_data=bytes(AdvertisingData(name)),
            advertising_interval_min=100, advertising_interval_max=100)

    def fall_silent(self):
        """Out of range or without power: a link dies of silence."""
        self.radio.is_out_of_range = True
        if self.link is not None:
            self.spawn(self.die_of_silence())

    async def die_of_silence(self):
        await asyncio.sleep(SUPERVISION_TIMEOUT)
        reason = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        for address in list(self.radio.le_connections):
            peer = self.air.radio(address)
            if peer is not None:
                peer.lose(self.radio.public_address, reason)
            self.radio.lose(address, reason)

    async def go_away(self, seconds):
        self.fall_silent()
        await asyncio.sleep(seconds)
        self.radio.is_out_of_range = False

    async def restart_as_provisioned(self):
        """With settings it has no use for Bluetooth any more, and goes to the broker."""
        self.fall_silent()
        self.radio.le_legacy_advertiser.stop()
        await asyncio.sleep(max(SUPERVISION_TIMEOUT, WIFI_JOIN) + 0.1)
        if self.joins_broker and self.life is None:
            self.life = BrokerLife(json.loads(self.stored[-1]))
            await asyncio.to_thread(self.life.begin)

    async def throw_away(self):
        """The end of the round: off the air, off the broker."""
        for task in list(self.tasks):
            task.cancel()
        self.fall_silent()
        self.radio.le_legacy_advertiser.stop()
        await self.die_of_silence()
        self.air.controllers.discard(self.radio)
        if self.life is not None:
            await asyncio.to_thread(self.life.end)

    def spawn(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def tokens(self):
        return [json.loads(value)["device_token"] for value in self.stored]

    # The link.

    def called(self):
        """The station tries to connect: what happens this time is next in the plan."""
        self.attempts += 1
        self.fault = self.plan.pop(0) if self.plan else "fine"
        if self.fault == "vanish":
            self.spawn(self.go_away(3))

    def begin_link(self, link):
        self.link, self.write_packets, self.connected_from = link, 0, time.monotonic()
        link.on("disconnection", self.end_link)

    def end_link(self, _reason):
        self.link = None
        self.connections.append((self.connected_from, time.monotonic()))
        if not self.stored:
            self.spawn(self.advertise())

    def hear(self, bearer, pdu):
        """Everything that the station asks of the GATT server."""
        is_write = (isinstance(pdu, (att.ATT_Write_Request, att.ATT_Prepare_Write_Request))
                    and pdu.attribute_handle == self.characteristic.handle)
        is_question = not is_write and not isinstance(
            pdu, (att.ATT_Exchange_MTU_Request, att.ATT_Execute_Write_Request, att.ATT_Write_Request))
        if is_question and self.fault == "never-resolves":
            return
        if is_question and self.fault == "drop-discovery":
            self.spawn(self.link.disconnect())
            return
        if is_write:
            self.write_packets += 1
            parts = 2 if isinstance(pdu, att.ATT_Prepare_Write_Request) else 1
            if self.fault == "drop-mid-write" and self.write_packets >= parts:
                self.spawn(self.go_away(3))
                return
        self.serve(bearer, pdu)

    async def take(self, _link, value):
        """The whole value is there."""
        if self.fault == "refuse":
            raise att.ATT_Error(error_code=att.ErrorCode(0x80))
        self.stored.append(bytes(value).decode())
        self.has_stored.set()
        if self.fault == "reboot-unanswered":
            self.spawn(self.restart_as_provisioned())
            await asyncio.sleep(3600)
        self.spawn(self.restart_after(0.02 if self.fault == "reboot-answered" else self.gentle))

    async def restart_after(self, seconds):
        await asyncio.sleep(seconds)
        await self.restart_as_provisioned()
