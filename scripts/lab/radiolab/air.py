"""The air, and the radios in it: Bumble's simulated controllers with what BlueZ relies on and they leave out."""
import asyncio

from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport import open_transport

STATION_ADDRESS = "B8:27:EB:00:00:01"
FEATURES = hci.LeFeatureMask.LE_ENCRYPTION | hci.LeFeatureMask.LE_DATA_PACKET_LENGTH_EXTENSION
SUPERVISION_TIMEOUT = 0.42      # seconds, as BlueZ asks for


class Air(LocalLink):
    """Carries what radios send to one another, unless one of them is out of range."""

    def radio(self, address):
        return next((radio for radio in self.controllers if radio.public_address == address), None)

    find_le_controller = radio

    def are_in_touch(self, *radios):
        return all(radio is not None and not radio.is_out_of_range for radio in radios)

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        receiver = self.radio(destination_address)
        if self.are_in_touch(sender_controller, receiver):
            asyncio.get_running_loop().call_soon(
                receiver.on_link_acl_data, sender_controller.public_address, transport, data)

    def send_ll_control_pdu(self, sender_address, receiver_address, packet):
        receiver = self.radio(receiver_address)
        if self.are_in_touch(self.radio(sender_address), receiver):
            asyncio.get_running_loop().call_soon(receiver.on_ll_control_pdu, sender_address, packet)


class Radio(Controller):
    """What both ends have in common."""

    le_acl_data_packet_length = 251
    le_features = FEATURES

    def __init__(self, name, air, address, **rest):
        self.is_out_of_range = False
        super().__init__(name, link=air, public_address=hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS), **rest)

    def on_ll_control_pdu(self, sender_address, packet):
        if sender_address in self.le_connections:   # It may have been lost while the packet was on its way.
            super().on_ll_control_pdu(sender_address, packet)

    def lose(self, address, reason):
        """The link to that radio is no more; each end learns it by itself."""
        link = self.le_connections.get(address)
        if link is not None:
            self.on_le_disconnected(link, reason)


class DeviceRadio(Radio):
    """The radio of an ESP32."""

    def __init__(self, name, air, address, rssi):
        self.rssi = rssi
        self.answers_connects = True
        super().__init__(name, air, address)

    def on_le_connect_ind(self, packet):
        if self.answers_connects and not self.is_out_of_range:
            super().on_le_connect_ind(packet)


class StationRadio(Radio):
    """What the kernel sees as hci0: a 4.2 controller with the older kind of advertising reports, as on a Raspberry Pi 3."""

    total_num_le_acl_data_packets = 16
    le_features = (FEATURES | hci.LeFeatureMask.EXTENDED_REJECT_INDICATION | hci.LeFeatureMask.LE_PING
                   | hci.LeFeatureMask.PERIPHERAL_INITIATED_FEATURE_EXCHANGE)
    hci_version = lmp_version = hci.HCI_VERSION_BLUETOOTH_CORE_4_2

    def __init__(self, air, port, on_attempt):
        self.on_attempt = on_attempt
        self.heard = 0
        super().__init__("station", air, STATION_ADDRESS, host_source=port.source, host_sink=port.sink)

    # Hearing.

    def on_advertising_pdu(self, pdu):
        sender = self.link.radio(pdu.advertiser_address)
        if not self.link.are_in_touch(self, sender):
            return
        if self.le_scan_enable:
            self.heard += 1
            kinds = hci.HCI_LE_Advertising_Report_Event.EventType
            self.report(sender, kinds.ADV_IND, pdu.data)
            if self.le_scan_type == 1:
                self.report(sender, kinds.SCAN_RSP, sender.le_legacy_advertiser.scan_response_data)
        order = self.pending_le_connection
        if order is not None and order.peer_address == pdu.advertiser_address and sender.answers_connects:
            self.create_le_connection(pdu.advertiser_address)

    def report(self, sender, kind, data):
        event = hci.HCI_LE_Advertising_Report_Event
        rssi = sender.rssi + self.heard % 3 - 1     # No signal is ever steady.
        self.send_hci_packet(event([event.Report(
            event_type=kind, address_type=sender.public_address.address_type, address=sender.public_address,
            data=data, rssi=rssi)]))

    # Connecting.

    def on_hci_le_create_connection_command(self, command):
        self.on_attempt(command.peer_address)
        return super().on_hci_le_create_connection_command(command)

    def on_hci_le_create_connection_cancel_command(self, _command):
        order, self.pending_le_connection = self.pending_le_connection, None
        if order is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        asyncio.get_running_loop().call_soon(self.send_hci_packet, hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, connection_handle=0, role=0,
            peer_address_type=order.peer_address.address_type, peer_address=order.peer_address,
            connection_interval=0, peripheral_latency=0, supervision_timeout=0, central_clock_accuracy=0))
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_reset_command(self, command):
        self.pending_le_connection = None
        self.le_scan_enable = False
        return super().on_hci_reset_command(command)


class Dongle:
    """The station's adapter as a thing that can be plugged in and pulled out."""

    def __init__(self, air, on_attempt):
        self.air, self.on_attempt = air, on_attempt
        self.port = self.radio = None

    async def plug_in(self):
        self.port = await open_transport("vhci")
        self.radio = StationRadio(self.air, self.port, self.on_attempt)

    async def pull_out(self):
        for address in list(self.radio.le_connections):
            peer = self.air.radio(address)
            if peer is not None:
                peer.lose(self.radio.public_address, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        self.air.remove_controller(self.radio)
        await self.port.close()
        self.port = self.radio = None
