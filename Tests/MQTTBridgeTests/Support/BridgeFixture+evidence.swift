import StationCore
import StationData

extension BridgeFixture {
    /// The value of a counter or gauge, as `/metrics` shows it; 0 for one that is not there.
    func metric(_ name: String) -> Int {
        for line in self.metrics.prometheusText.split(separator: "\n") where line.hasPrefix("\(name) ") {
            return Int(line.dropFirst(name.count + 1)) ?? -1
        }
        return 0
    }

    /// How many messages were dropped for a reason.
    func rejected(_ reason: String) -> Int {
        self.metric("station_mqtt_rejected_total{reason=\"\(reason)\"}")
    }

    /// How many messages were dropped, by reason, as `/metrics` shows it.
    var rejections: [String: Int] {
        let prefix = "station_mqtt_rejected_total{reason=\""
        var found: [String: Int] = [:]
        for line in self.metrics.prometheusText.split(separator: "\n") where line.hasPrefix(prefix) {
            let parts = line.dropFirst(prefix.count).split(separator: "\"} ")
            if parts.count == 2 { found[String(parts[0])] = Int(parts[1]) }
        }
        return found
    }

    func device(_ id: DeviceID) -> Device? {
        self.hub.device(id)
    }

    func state(of id: DeviceID) -> JSONObject {
        self.hub.device(id)?.lastKnownState ?? ["missing": true]
    }

    /// The history of one key, by time.
    func readings(of id: DeviceID, _ key: String) async throws -> [ReadingSeries.RawPoint] {
        let query = ReadingQuery(
            deviceID: id, keys: [key], from: Timestamp(milliseconds: 0), to: .latest, interval: nil
        )
        guard case .raw(let points)? = try await self.hub.readings(query).first?.points else { return [] }
        return points
    }

    /// The lines of the activity feed about a device, oldest first.
    func feed(of id: DeviceID, _ type: DeviceEvent.EventType) async throws -> [JSONObject] {
        var query = EventQuery()
        query.deviceID = id
        query.type = type
        return try await self.hub.deviceEvents(query).entries.reversed().map(\.event.payload)
    }

    /// Sends a command given as JSON text.
    func send(_ json: String, to id: DeviceID) async throws {
        guard let body = try JSONValue.parse(json).objectValue else {
            throw CommandRefusal(code: .invalidArgument, field: "", message: "no object: \(json)")
        }
        _ = try await self.commander.send(body, to: id)
    }

    /// Why a command was not delivered; `nil` when it was, or when it failed otherwise.
    func deliveryError(of json: String, to id: DeviceID) async -> CommandDeliveryError? {
        do {
            try await self.send(json, to: id)
            return nil
        } catch {
            return error as? CommandDeliveryError
        }
    }
}
