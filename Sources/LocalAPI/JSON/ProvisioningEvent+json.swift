import StationCore

extension ProvisioningEvent {
    /// As clients of `/ws` are told it (contract 5, "Scan life-cycle").
    var json: JSONValue {
        switch self {
        case .adapter(let adapter):
            return ["type": "provisioning_adapter", "state": .string(adapter.rawValue)]
        case .candidate(let candidate):
            return [
                "type": "provisioning_candidate", "externalId": .string(candidate.externalID.description),
                "address": .string(candidate.address), "name": JSONValue(candidate.name),
                "deviceType": JSONValue(candidate.deviceType), "defaultName": .string(candidate.defaultName),
                "rssi": candidate.rssi.map { .integer(Int64($0)) } ?? .null,
                "dialect": .string(candidate.dialect.rawValue),
            ]
        case .candidateLost(let id):
            return ["type": "provisioning_candidate_lost", "externalId": .string(id.description)]
        case .progress(let id, let step):
            return [
                "type": "provisioning_progress", "externalId": .string(id.description), "step": .string(step.rawValue),
            ]
        case .result(let id, let deviceID, let failure):
            var json: JSONObject = [
                "type": "provisioning_result", "externalId": .string(id.description), "ok": .bool(failure == nil),
            ]
            json["deviceId"] = deviceID.map { .string($0.description) }
            json["error"] = failure.map { .string($0.code) }
            json["message"] = failure.map { .string($0.message) }
            json["detail"] = failure?.detail.map { .string($0) }
            return .object(json)
        }
    }
}
