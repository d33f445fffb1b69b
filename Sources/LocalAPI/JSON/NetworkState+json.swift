import StationCore

extension NetworkState {
    var json: JSONObject {
        [
            "connectivity": .string(self.connectivity.rawValue),
            "primaryInterface": JSONValue(self.primaryInterface),
            "gateway": JSONValue(self.gateway),
            "nameServers": .array(self.nameServers.map(JSONValue.string)),
            "devices": .array(self.devices.map(\.json)),
            "wifi": self.wifi.json,
        ]
    }
}

extension NetworkDevice {
    fileprivate var json: JSONValue {
        [
            "interface": .string(self.interface),
            "kind": .string(self.kind.rawValue),
            "state": .string(self.state.rawValue),
            "hardwareAddress": JSONValue(self.hardwareAddress),
            "connection": JSONValue(self.connection),
            "addresses": .array(self.addresses.map(JSONValue.string)),
        ]
    }
}
