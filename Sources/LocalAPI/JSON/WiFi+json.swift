import StationCore

extension WiFiStatus {
    var json: JSONValue {
        [
            "state": .string(self.state.rawValue),
            "interface": JSONValue(self.interface),
            "network": self.network?.json ?? .null,
            "addresses": .array(self.addresses.map(JSONValue.string)),
        ]
    }
}

extension WiFiNetwork {
    var json: JSONValue {
        [
            "ssid": .string(self.shownSSID),
            "ssidHex": .string(Self.hexadecimal(self.ssid)),
            "signal": .integer(Int64(self.signal)),
            "frequency": self.frequency.map { .integer(Int64($0)) } ?? .null,
            "security": .string(self.security.rawValue),
            "joined": .bool(self.isJoined),
            "known": .bool(self.isKnown),
        ]
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
}

extension WiFiJoin {
    var json: JSONValue {
        var json: JSONObject = [
            "ssid": .string(String(decoding: self.ssid, as: UTF8.self)),
            "state": .string(self.outcome.name),
            "startedAt": .string(self.startedAt.description),
            "endedAt": JSONValue(self.endedAt),
            "error": .null,
            "rollback": .null,
        ]
        guard case .failed(let fault) = self.outcome else { return .object(json) }
        json["error"] = fault.json
        if case .notJoined(let failure) = fault { json["rollback"] = .string(failure.rollback.rawValue) }
        return .object(json)
    }
}

extension WiFiJoin.Outcome {
    static let names = ["joining", "joined", "failed", "cancelled"]

    fileprivate var name: String {
        switch self {
        case .joining: "joining"
        case .joined: "joined"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}

extension HostFault {
    /// As part of an answer that is none of failure.
    var json: JSONValue {
        let error = APIError(self)
        return ["code": .string(error.code), "message": .string(error.message)]
    }
}
