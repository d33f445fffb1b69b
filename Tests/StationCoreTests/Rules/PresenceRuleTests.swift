import StationCore
import Testing

@Suite("When a device counts as gone")
struct PresenceRuleTests {
    private let rule = PresenceRule()
    private let start = MonotonicInstant(sinceOrigin: .seconds(5000))

    private func at(_ seconds: Double) -> MonotonicInstant {
        self.start.advanced(by: .milliseconds(Int64(seconds * 1000)))
    }

    private func presence(_ change: (inout Presence) -> Void) -> Presence {
        var presence = Presence()
        change(&presence)
        return presence
    }

    @Test("The contract's numbers are the defaults")
    func defaults() {
        #expect(self.rule.offlineAfter == .seconds(180))
        #expect(self.rule.lastWillGrace == .seconds(5))
    }

    @Test(
        "Silence counts after 180 s, not a moment before",
        arguments: [(0, nil), (1, nil), (179.999, nil), (180, .silent), (100_000, .silent)] as [(Double, StatusReason?)]
    )
    func silence(seconds: Double, reason: StatusReason?) {
        let presence = self.presence { $0.heard(at: self.start) }
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(seconds)) == reason)
    }

    @Test("One that was never heard is silent")
    func neverHeard() {
        #expect(self.rule.reasonToCallOffline(Presence(), at: self.start) == .silent)
    }

    @Test(
        "A last will counts after its grace of 5 s",
        arguments: [(10, nil), (14.999, nil), (15, .lastWill), (1000, .lastWill)] as [(Double, StatusReason?)]
    )
    func grace(seconds: Double, reason: StatusReason?) {
        let presence = self.presence {
            $0.heard(at: self.start)
            $0.lastWill(at: self.at(10))
        }
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(seconds)) == reason)
    }

    @Test("A will that comes again does not put off the verdict")
    func repeatedWill() {
        let presence = self.presence {
            $0.heard(at: self.start)
            $0.lastWill(at: self.at(10))
            $0.lastWill(at: self.at(14))
        }
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(15)) == .lastWill)
    }

    @Test("Anything heard after the will takes it back, and the silence is counted from there")
    func lifeAfterWill() {
        let presence = self.presence {
            $0.lastWill(at: self.start)
            $0.heard(at: self.at(1))
        }
        #expect(presence.lastWillAt == nil)
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(60)) == nil)
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(181)) == .silent)
    }

    @Test("A will after life after a will has a grace of its own")
    func secondWill() {
        let presence = self.presence {
            $0.lastWill(at: self.start)
            $0.heard(at: self.at(3))
            $0.lastWill(at: self.at(20))
        }
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(24.9)) == nil)
        #expect(self.rule.reasonToCallOffline(presence, at: self.at(25)) == .lastWill)
    }

    @Test("Other numbers are kept to")
    func otherNumbers() {
        let rule = PresenceRule(offlineAfter: .seconds(30), lastWillGrace: .zero)
        let presence = self.presence { $0.heard(at: self.start) }
        #expect(rule.reasonToCallOffline(presence, at: self.at(29.9)) == nil)
        #expect(rule.reasonToCallOffline(presence, at: self.at(30)) == .silent)
        #expect(rule.reasonToCallOffline(self.presence { $0.lastWill(at: self.start) }, at: self.start) == .lastWill)
    }
}
