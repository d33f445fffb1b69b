import StationCore

extension HostInfo {
    var json: JSONObject {
        [
            "model": JSONValue(self.model),
            "temperature": self.temperature.map { JSONValue($0) } ?? .null,
            "throttling": self.throttling?.json ?? .null,
            "memory": self.memory?.json ?? .null,
            "disk": self.disk?.json ?? .null,
            "operatingSystem": JSONValue(self.operatingSystem),
            "architecture": JSONValue(self.architecture),
            "hostName": JSONValue(self.hostName),
            "timeZone": JSONValue(self.timeZone),
            "clockSynchronised": self.isClockSynchronised.map { .bool($0) } ?? .null,
            "uptime": self.uptime.map { .integer($0.components.seconds) } ?? .null,
        ]
    }
}

extension HostThrottling {
    fileprivate var json: JSONValue {
        [
            "now": .array(self.now.map { .string($0.rawValue) }),
            "sinceStart": .array(self.sinceStart.map { .string($0.rawValue) }),
        ]
    }
}

extension HostSpace {
    fileprivate var json: JSONValue {
        ["total": .integer(self.total), "available": .integer(self.available)]
    }
}

extension SystemDesk.Restart {
    var json: JSONValue {
        [
            "target": .string(self.target.rawValue), "askedAt": .string(self.askedAt.description),
            "error": self.fault?.json ?? .null,
        ]
    }
}
