import StationCore

extension Place {
    /// As the routes of places show it.
    ///
    /// - Parameter role: What the caller is in it.
    func json(for role: PlaceRole) -> JSONValue {
        [
            "place_id": .string(self.id.description), "name": .string(self.name),
            "description": .string(self.description), "user_role": .string(role.rawValue),
            "is_default": .bool(self.isDefault), "created_at": JSONValue(self.createdAt),
            "updated_at": JSONValue(self.updatedAt),
        ]
    }
}

extension PlaceMember {
    var json: JSONValue {
        [
            "user_id": .string(self.userID.description), "username": .string(self.userName),
            "email": .string(self.email), "role": .string(self.role.rawValue),
        ]
    }
}

extension Zone {
    var json: JSONValue {
        [
            "id": .string(self.id.description), "placeId": .string(self.placeID.description),
            "name": .string(self.name), "createdAt": JSONValue(self.createdAt),
            "updatedAt": JSONValue(self.updatedAt),
        ]
    }
}

extension Device {
    /// As lists of a place show it.
    var placeSummary: JSONObject {
        [
            "device_id": .string(self.id.description), "place_id": .string(self.placeID.description),
            "name": .string(self.name), "status": .string(self.status.rawValue),
            "last_seen_at": JSONValue(self.lastSeenAt),
        ]
    }
}

extension Sensor {
    var json: JSONValue {
        [
            "sensor_id": .string(self.id.description), "device_id": .string(self.deviceID.description),
            "key": .string(self.key), "name": .string(self.name), "value_type": .string(self.valueType.rawValue),
            "unit_label": .string(self.unitLabel), "precision": .integer(Int64(self.precision)),
        ]
    }
}

extension Actuator {
    var json: JSONValue {
        [
            "actuator_id": .string(self.id.description), "device_id": .string(self.deviceID.description),
            "key": .string(self.key), "name": .string(self.name), "value_type": .string(self.valueType.rawValue),
            "unit_label": .string(self.unitLabel), "precision": .integer(Int64(self.precision)),
            "min_value": JSONValue(plain: self.range.minimum), "max_value": JSONValue(plain: self.range.maximum),
            "step": JSONValue(plain: self.range.step),
            "enum_options": self.range.options.map { .array($0.map(JSONValue.string)) } ?? .null,
        ]
    }
}

extension Threshold {
    var json: JSONValue {
        [
            "threshold_id": .string(self.id.description), "sensor_id": .string(self.sensorID.description),
            "type": .string(self.kind.rawValue), "value": JSONValue(plain: self.value),
            "severity": .string(self.severity.rawValue), "clear_band": JSONValue(plain: self.clearBand),
            "for_seconds": self.forSeconds.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}

extension Alert {
    var json: JSONValue {
        [
            "id": .string(self.id.description), "place_id": .string(self.placeID.description),
            "device_id": .string(self.deviceID.description), "sensor_id": .string(self.sensorID.description),
            "threshold_id": .string(self.thresholdID.description), "key": .string(self.key),
            "value": JSONValue(plain: self.tally.value), "last_value": JSONValue(plain: self.tally.lastValue),
            "peak_value": JSONValue(plain: self.tally.peakValue), "count": .integer(Int64(self.tally.count)),
            "threshold_value": JSONValue(plain: self.limit), "threshold_type": .string(self.kind.rawValue),
            "severity": .string(self.severity.rawValue), "status": .string(self.isOpen ? "active" : "resolved"),
            "created_at": JSONValue(self.createdAt), "resolved_at": JSONValue(self.resolvedAt),
        ]
    }
}
