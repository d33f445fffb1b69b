import StationCore

extension FleetPlan {
    private static let deviceLimit = 100_000
    private static let rateLimit = 1_000_000.0

    /// - Throws: `FleetError` naming the first number that is out of its range, or the external id that is there twice.
    func validate() throws(FleetError) {
        try Self.check("devices", self.devices.count, in: 1...Self.deviceLimit)
        try Self.check("loops", self.loops, in: 1...64)
        try Self.check("connectsInFlight", self.connectsInFlight, in: 1...10_000)
        try Self.check("maxInflight", self.maxInflight, in: 1...10_000)
        if let load = self.load {
            guard load.rate > 0, load.rate <= Self.rateLimit else {
                throw .outOfRange(
                    field: "rate", value: "\(load.rate)",
                    allowed: "more than 0 and at most \(Int(Self.rateLimit)) a second")
            }
            if let limit = load.messageLimit { try Self.check("messageLimit", limit, in: 1...Int.max) }
        }
        if let duration = self.duration, duration <= .zero {
            throw .outOfRange(field: "duration", value: "\(duration)", allowed: "more than 0 seconds")
        }
        var seen: Set<ExternalID> = []
        for device in self.devices where !seen.insert(device.externalID).inserted {
            throw .repeatedExternalID(device.externalID.description)
        }
    }

    private static func check(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws(FleetError) {
        guard range.contains(value) else {
            let allowed =
                range.upperBound == .max
                ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
            throw .outOfRange(field: field, value: "\(value)", allowed: allowed)
        }
    }
}
