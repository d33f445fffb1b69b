import StationCore
import Testing

@testable import BLEProvision

@Suite("The connect policy")
struct ConnectPolicyTests {
    private static func steps(_ causes: [BlueZError.Cause]) -> [ConnectPolicy.Step] {
        var policy = ConnectPolicy()
        return causes.map { policy.next(after: BlueZError($0, "\($0)")) }
    }

    private static func retry(_ milliseconds: Int, _ preparation: ConnectPolicy.Preparation) -> ConnectPolicy.Step {
        .retry(after: .milliseconds(milliseconds), preparation)
    }

    @Test(
        "gives four tries with growing pauses and one RemoveDevice between",
        arguments: [
            BlueZError.Cause.linkAborted, .connectFailed, .timedOut, .notConnected, .servicesNotResolved, .failed,
        ])
    func tries(cause: BlueZError.Cause) {
        let expected = [
            Self.retry(250, .nothing), Self.retry(1000, .removeDevice), Self.retry(3000, .nothing),
            .giveUp(BlueZError(cause, "\(cause)")),
        ]
        #expect(Self.steps([cause, cause, cause, cause]) == expected)
    }

    @Test("takes missing services for a stale cache at once, and gives them four tries")
    func missing() {
        let expected = [
            Self.retry(250, .removeDevice), Self.retry(1000, .nothing), Self.retry(3000, .nothing),
            .giveUp(BlueZError(.servicesMissing, "servicesMissing")),
        ]
        #expect(Self.steps(Array(repeating: .servicesMissing, count: 4)) == expected)
    }

    @Test("gives the wrong bearer one fresh entry")
    func bearer() {
        let steps = Self.steps([.wrongBearer, .wrongBearer])
        #expect(steps == [Self.retry(250, .removeDevice), .giveUp(BlueZError(.wrongBearer, "wrongBearer"))])
    }

    @Test("waits for a device that is gone until it is heard")
    func gone() {
        #expect(Self.steps([.deviceGone]) == [Self.retry(250, .waitForAdvertisement)])
    }

    @Test("does not count an adapter that is busy, but not for ever")
    func busy() {
        let steps = Self.steps(Array(repeating: .busy, count: 21))
        #expect(steps.prefix(20).allSatisfy { $0 == Self.retry(500, .nothing) })
        #expect(steps.last == Self.retry(250, .removeDevice))
    }

    @Test("waits once for BlueZ to come back", arguments: [BlueZError.Cause.busLost, .noBluetoothd, .noAdapter])
    func comeback(cause: BlueZError.Cause) {
        #expect(
            Self.steps([cause, cause]) == [Self.retry(250, .waitForBlueZ), .giveUp(BlueZError(cause, "\(cause)"))])
    }

    @Test(
        "gives up at once what another try would not change",
        arguments: [BlueZError.Cause.blocked, .accessDenied, .pairing, .attribute(0x80), .cancelled])
    func final(cause: BlueZError.Cause) {
        #expect(Self.steps([cause]) == [.giveUp(BlueZError(cause, "\(cause)"))])
    }

    @Test("counts different errors together")
    func mixed() {
        let steps = Self.steps([.linkAborted, .busy, .deviceGone, .servicesNotResolved, .timedOut])
        #expect(
            steps == [
                Self.retry(250, .nothing), Self.retry(500, .nothing), Self.retry(1000, .waitForAdvertisement),
                Self.retry(3000, .removeDevice), .giveUp(BlueZError(.timedOut, "timedOut")),
            ])
    }
}
