import StationCore

/// How stations came back.
public struct RejoinReport: Sendable, Hashable {
    public let plan: RejoinPlan
    /// How many requests for a WebSocket came in each second after the cloud was back.
    public let requests: [Int]
    /// How many stations were authenticated at the end.
    public let returned: Int

    /// - Parameter times: When the requests came, since the cloud was back.
    init(plan: RejoinPlan, times: [Duration], returned: Int) {
        var requests: [Int] = []
        for time in times where time >= .zero {
            let second = Int(time.milliseconds / 1_000)
            while requests.count <= second { requests.append(0) }
            requests[second] += 1
        }
        self.plan = plan
        self.requests = requests
        self.returned = returned
    }

    /// What each second would get if all came evenly in the time that the contract spreads them over, as far as the
    /// cloud was there.
    public var evenShare: Double {
        let left = self.plan.closeCode == nil ? RejoinPlan.spread : RejoinPlan.spread - self.plan.outage
        return Double(self.plan.stations) / max(1, left.seconds)
    }

    /// What no second may exceed: twice the even share.
    public var limit: Double { self.evenShare * 2 }

    /// What the busiest second got.
    public var worst: Int { self.requests.max() ?? 0 }

    /// Whether all are back and no second got too much.
    public var isGood: Bool { self.returned == self.plan.stations && Double(self.worst) <= self.limit }

    /// A line for each second, without a heading: the code of the Close (0 for a killed cloud), second, requests, even
    /// share, limit.
    public var csv: String {
        self.requests.enumerated().map { second, count in
            "\(self.plan.closeCode ?? 0),\(second),\(count),\(Self.short(self.evenShare)),\(Self.short(self.limit))\n"
        }.joined()
    }

    /// The heading of `csv`.
    public static let csvHeading = "close_code,second,requests,even_share,limit\n"

    /// A number with one decimal.
    static func short(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}

extension RejoinReport: CustomStringConvertible {
    public var description: String {
        """
        \(self.plan.title): \(self.returned) are back after \(self.requests.count) s, the busiest second had \
        \(self.worst) requests, allowed are \(Self.short(self.limit))
        """
    }
}
