public import Logging
public import ServiceLifecycle
public import StationCore
public import StationData

/// Resets the station as its cloud has asked: the devices go back to how they left the factory, the claim is forgotten,
/// the sessions of people from the cloud end, and the agent starts afresh (contract 4, "Station reset").
///
/// What is under way is on record in the store (`StationHub.beginReset()`), so that a crash does not stop it half-way.
public struct StationReset: Sendable {
    /// So long at most the broker is waited for.
    public static let deviceTime = Duration.seconds(5)
    private static let pause = Duration.seconds(5)

    private let hub: StationHub
    private let devices: any FactoryReset
    private let clock: any StationClock
    private let logger: Logger
    private let restart: @Sendable () -> Void

    /// - Parameter restart: Ends the agent with exit code 0, so that the service manager starts it afresh.
    public init(
        hub: StationHub, devices: any FactoryReset, clock: any StationClock, logger: Logger,
        restart: @escaping @Sendable () -> Void
    ) {
        self.hub = hub
        self.devices = devices
        self.clock = clock
        self.logger = logger
        self.restart = restart
    }

    /// Runs the reset that is on record, if there is one: to be called when the cloud has asked for it and at every
    /// start.
    ///
    /// - Returns: Whether the station was reset and `restart` called.
    @discardableResult
    public func runIfPending() async -> Bool {
        guard self.hub.cloudClaim.resetStep != nil else { return false }
        self.logger.notice("the station is being reset, as the cloud has asked")
        await self.devices.factoryResetAll(within: Self.deviceTime)
        while !Task.isCancelled {
            do throws(StoreError) {
                try await self.hub.finishReset()
                self.logger.notice("the station has been reset and starts afresh")
                self.restart()
                return true
            } catch {
                self.logger.error("the reset is not done yet", metadata: ["error": "\(error)"])
            }
            await self.clock.pause(for: Self.pause)
        }
        return false
    }
}

extension StationReset: Service {
    /// Ends what an earlier run of the agent had begun, then waits for the end of this one.
    public func run() async throws {
        await cancelWhenGracefulShutdown { _ = await self.runIfPending() }
        // Cancellation is the only error, and ends it as well.
        try? await gracefulShutdown()
    }
}
