import StationCore

/// How often and in what way a connection is tried again: 4 tries with growing pauses, and one `RemoveDevice` between
/// (contract 5, "What BlueZ really does"). Pure: it says what to do, somebody else does it.
struct ConnectPolicy: Sendable, Hashable {
    /// What comes after a failed try.
    enum Step: Sendable, Hashable {
        case retry(after: Duration, Preparation)
        /// It is over; the error is the one to tell.
        case giveUp(BlueZError)
    }

    /// What must be so before the next try.
    enum Preparation: Sendable, Hashable {
        case nothing
        /// BlueZ must forget the device and hear it anew.
        case removeDevice
        /// The device must be heard.
        case waitForAdvertisement
        /// BlueZ must be back, with an adapter.
        case waitForBlueZ
    }

    static let maximumTries = 4
    /// The pause before the second, third and fourth try.
    static let pauses: [Duration] = [.milliseconds(250), .seconds(1), .seconds(3)]
    /// How long to wait when BlueZ is busy; such an answer is not counted as a try.
    static let busyPause: Duration = .milliseconds(500)
    /// So long may BlueZ be busy in all. After that something hangs: a connection of a killed program keeps BlueZ busy
    /// for hours, until the device is removed.
    static let busyLimit: Duration = .seconds(10)

    /// How many tries have failed.
    private(set) var failures = 0
    private(set) var hasRemovedDevice = false
    private var hasWaitedForBlueZ = false
    private var busyTime: Duration = .zero

    /// What to do after a try has failed.
    mutating func next(after error: BlueZError) -> Step {
        switch error.cause {
        case .busy, .alreadyDone:
            guard self.busyTime >= Self.busyLimit else {
                self.busyTime += Self.busyPause
                return .retry(after: Self.busyPause, .nothing)
            }
            self.busyTime = .zero
            return self.nextTry(after: error, staleCache: true)
        case .servicesMissing: return self.nextTry(after: error, staleCache: true)
        case .wrongBearer:
            // Only a fresh entry makes BlueZ choose the bearer anew.
            return self.hasRemovedDevice ? .giveUp(error) : self.nextTry(after: error, staleCache: true)
        case .linkAborted, .connectFailed, .timedOut, .notConnected, .servicesNotResolved, .failed:
            // The first of them may be mere interference; hearing the device anew costs seconds.
            return self.nextTry(after: error, staleCache: self.failures >= 1)
        case .deviceGone: return self.nextTry(after: error, .waitForAdvertisement)
        case .busLost, .noBluetoothd, .noAdapter:
            guard !self.hasWaitedForBlueZ else { return .giveUp(error) }
            self.hasWaitedForBlueZ = true
            return self.nextTry(after: error, .waitForBlueZ)
        case .blocked, .accessDenied, .pairing, .attribute, .cancelled: return .giveUp(error)
        }
    }

    private mutating func nextTry(after error: BlueZError, staleCache: Bool) -> Step {
        guard staleCache, !self.hasRemovedDevice else { return self.nextTry(after: error, .nothing) }
        let step = self.nextTry(after: error, .removeDevice)
        if case .retry = step { self.hasRemovedDevice = true }
        return step
    }

    private mutating func nextTry(after error: BlueZError, _ preparation: Preparation) -> Step {
        self.failures += 1
        guard self.failures < Self.maximumTries else { return .giveUp(error) }
        return .retry(after: Self.pauses[min(self.failures, Self.pauses.count) - 1], preparation)
    }
}
