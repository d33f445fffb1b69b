public import Logging
public import PollLoop
public import ServiceLifecycle
public import StationCore
public import StationData
import Synchronization
import SystemBus

/// Finds factory-new devices over Bluetooth LE and hands them their place in the household (contract 5), by way of BlueZ.
///
/// One connection at a time; the view of the candidates stays live meanwhile. Nothing that Bluetooth does ends `run()`:
/// a bus, a daemon or an adapter that is away is waited for.
public final class Provisioner: Service, DeviceProvisioning {
    /// Told with true before the radio is to be left alone (no Wi-Fi scan, no firmware downloads), and with false after.
    public typealias QuietWindow = @Sendable (_ isQuiet: Bool) async -> Void

    let configuration: ProvisionerConfiguration
    let dialects: [any ProvisioningDialect]
    let hub: StationHub
    let logins: any LoginProjection
    let loop: LoopThread
    let health: HealthBoard
    let clock: any StationClock
    let logger: Logger
    let setQuiet: QuietWindow
    let block: RadioBlock
    let board: ProvisioningBoard
    let turnstile = Turnstile()
    let ladder: Mutex<ScanLadder>
    let link = Mutex<Radio?>(nil)
    /// Devices that a killed agent may have left connected; `nil` until they were looked for.
    let leftovers = Mutex<[String]?>(nil)
    private let jobs: AsyncStream<ProvisioningJob>
    private let jobContinuation: AsyncStream<ProvisioningJob>.Continuation

    /// - Parameters:
    ///   - dialects: In the order in which they are asked whether a device is theirs.
    ///   - logins: Brings a device's token to the broker before the device has it.
    ///   - loop: The thread on which the connections to the bus live; it must outlive the provisioner.
    ///   - setQuiet: The radio is one with that of the Wi-Fi: what else uses it waits meanwhile.
    public convenience init(
        configuration: ProvisionerConfiguration, dialects: [any ProvisioningDialect], hub: StationHub,
        logins: any LoginProjection, loop: LoopThread, health: HealthBoard, clock: any StationClock, logger: Logger,
        setQuiet: @escaping QuietWindow = { _ in }
    ) {
        self.init(
            configuration: configuration, dialects: dialects, hub: hub, logins: logins, loop: loop, health: health,
            clock: clock, logger: logger, block: RadioBlock(), setQuiet: setQuiet
        )
    }

    /// As the other one, with another place for the switches of the kernel.
    init(
        configuration: ProvisionerConfiguration, dialects: [any ProvisioningDialect], hub: StationHub,
        logins: any LoginProjection, loop: LoopThread, health: HealthBoard, clock: any StationClock, logger: Logger,
        block: RadioBlock,
        setQuiet: @escaping QuietWindow
    ) {
        self.configuration = configuration
        self.dialects = dialects
        self.hub = hub
        self.logins = logins
        self.loop = loop
        self.health = health
        self.clock = clock
        self.logger = logger
        self.block = block
        self.setQuiet = setQuiet
        self.board = ProvisioningBoard(clock: clock)
        self.ladder = Mutex(ScanLadder(at: clock.now))
        (self.jobs, self.jobContinuation) = AsyncStream.makeStream()
    }

    /// Finds and provisions devices until the service is told to stop. Never throws.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.keepRadio() }
                group.addTask { await self.work() }
            }
        }
        self.jobContinuation.finish()
        self.board.set(.noBluetoothd)
        self.board.finish()
    }

    /// Each job in a task of its own: the turnstile has them connect one after the other, and the next one need not wait
    /// until the device before it is online.
    private func work() async {
        await withDiscardingTaskGroup { group in
            for await job in self.jobs {
                group.addTask { await self.perform(job) }
            }
        }
    }

    // MARK: DeviceProvisioning

    public var adapter: ProvisioningAdapter { self.board.adapter }

    public var candidates: [ProvisioningCandidate] { self.board.candidates }

    public func watch() -> ProvisioningWatch { self.board.watch() }

    public func add(
        _ request: ProvisioningRequest
    ) async throws(ProvisioningRefusal) -> (deviceID: DeviceID, externalID: ExternalID) {
        let id = request.externalID
        let (candidate, dialect) = try self.present(id)
        guard self.board.begin(id) else { throw .underWay(id) }
        let (device, token) = try await self.prepare(request, candidate)
        let job = ProvisioningJob(
            request: request, candidate: candidate, dialect: dialect, device: device, token: token,
            ticket: self.turnstile.draw()
        )
        if case .terminated = self.jobContinuation.yield(job) {
            await self.abandon(device.id)
            self.board.end(id)
            throw .unavailable(.noBluetoothd)
        }
        return (device.id, id)
    }

    private func prepare(
        _ request: ProvisioningRequest, _ candidate: ProvisioningCandidate
    ) async throws(ProvisioningRefusal) -> (device: Device, token: Secret) {
        do throws(StoreError) {
            let prepared = try await self.hub.prepareProvisioned(
                externalID: candidate.externalID, name: request.name ?? candidate.defaultName,
                type: candidate.deviceType, place: request.placeID, zone: request.zoneID
            )
            await self.logins.settle()
            return prepared
        } catch {
            self.board.end(candidate.externalID)
            throw .store(error)
        }
    }

    public func identify(_ externalID: ExternalID) async throws(ProvisioningRefusal) {
        let (candidate, dialect) = try self.present(externalID)
        guard self.board.begin(externalID) else { throw .underWay(externalID) }
        defer { self.board.end(externalID) }
        let ticket = self.turnstile.draw()
        defer { self.turnstile.done(ticket) }
        await self.turnstile.turn(of: ticket)
        guard try await self.identify(candidate, dialect) else { throw .cannotIdentify(externalID) }
    }

    /// A candidate with its dialect.
    private func present(
        _ id: ExternalID
    ) throws(ProvisioningRefusal) -> (candidate: ProvisioningCandidate, dialect: any ProvisioningDialect) {
        let adapter = self.board.adapter
        guard adapter == .ready else { throw .unavailable(adapter) }
        // Before the candidates: one that is connected does not advertise and may have been withdrawn.
        guard !self.board.isUnderWay(id) else { throw .underWay(id) }
        guard let candidate = self.board.candidate(id),
            let dialect = self.dialects.first(where: { $0.name == candidate.dialect })
        else { throw .notPresent(id) }
        return (candidate, dialect)
    }
}
