import StationCore

/// What `doctor` found about one thing, and what to do about it.
struct DoctorCheck: Sendable, Hashable {
    enum Verdict: String, Sendable, Hashable {
        case ok
        /// Works, yet not as it should.
        case warning
        case failed
    }

    let name: String
    let verdict: Verdict
    let detail: String
    /// Something that can be typed or done; `nil` when there is nothing to do.
    let remedy: String?

    static func ok(_ name: String, _ detail: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .ok, detail: detail, remedy: nil)
    }

    static func warning(_ name: String, _ detail: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .warning, detail: detail, remedy: remedy)
    }

    static func failed(_ name: String, _ detail: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .failed, detail: detail, remedy: remedy)
    }

    var json: JSONValue {
        [
            "name": .string(self.name), "status": .string(self.verdict.rawValue), "detail": .string(self.detail),
            "remedy": JSONValue(self.remedy),
        ]
    }
}
