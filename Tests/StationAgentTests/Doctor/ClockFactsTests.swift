import StationCore
import Testing

@testable import StationAgent

@Suite("doctor on the clock")
struct ClockFactsTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private static func check(
        floor: Duration = .zero, isSynchronized: Bool? = true, isAutomatic: Bool? = true
    ) -> DoctorCheck {
        ClockFacts(
            time: Self.now, floor: Self.now.adding(floor), isSynchronized: isSynchronized, isAutomatic: isAutomatic
        ).check
    }

    @Test("fails where it has already been later, whatever a time server says")
    func past() {
        #expect(Self.check(floor: .seconds(119)).verdict == .ok)
        let check = Self.check(floor: .seconds(121))
        #expect(check.verdict == .failed)
        #expect(check.remedy?.hasPrefix("sudo timedatectl set-ntp true") == true)
    }

    @Test("warns where no time server sets it, and keeps quiet where nobody knows")
    func synchronisation() {
        #expect(Self.check().verdict == .ok)
        #expect(Self.check(isSynchronized: false, isAutomatic: false).remedy == "sudo timedatectl set-ntp true")
        #expect(Self.check(isSynchronized: false).verdict == .warning)
        #expect(Self.check(isSynchronized: nil, isAutomatic: nil).verdict == .ok)
    }
}
