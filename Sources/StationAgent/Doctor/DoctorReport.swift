import StationCore
import StationData

/// All that `doctor` found.
struct DoctorReport: Sendable {
    var checks: [DoctorCheck] = []
    /// `nil` when there is no store, or when it cannot be opened.
    var store: StoreExamination?

    /// Whether nothing has failed; warnings do not count.
    var isWell: Bool { self.checks.allSatisfy { $0.verdict != .failed } }

    var json: JSONValue {
        .object(["ok": .bool(self.isWell), "checks": .array(self.checks.map(\.json))])
    }
}
