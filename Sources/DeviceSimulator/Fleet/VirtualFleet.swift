public import Logging
import PollLoop
import StationCore

/// Any number of virtual ESP32s, each with a connection of its own, on a few loop threads.
///
///     try await VirtualFleet.run(plan) { fleet in
///         try await fleet.waitUntilDone()
///         print(await fleet.snapshot().json)
///     }
public final class VirtualFleet: Sendable {
    public let plan: FleetPlan
    private let loops: [LoopThread]
    private let shards: [FleetShard]
    private let done = Latch()
    private let logger: Logger

    /// Runs a fleet while `body` runs: the devices begin to connect at once, and when `body` returns or throws they go
    /// as `plan.farewell` says.
    ///
    /// - Throws: `FleetError` when the plan is not sound or the process has too few descriptors or threads; and what
    ///   `body` throws. That the broker cannot be reached is no error: devices keep trying.
    public static func run<Result>(
        _ plan: FleetPlan,
        logger: Logger = Logger(label: "fleet", factory: { _ in SwiftLogNoOpLogHandler() }),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (VirtualFleet) async throws -> Result
    ) async throws -> Result {
        let fleet = try VirtualFleet(plan, logger: logger)
        async let served: Void = fleet.serve()
        do {
            let result = try await body(fleet)
            await fleet.stop()
            await served
            fleet.stopLoops()
            return result
        } catch {
            await fleet.stop()
            await served
            fleet.stopLoops()
            throw error
        }
    }

    private init(_ plan: FleetPlan, logger: Logger) throws(FleetError) {
        try plan.validate()
        try DescriptorLimit.allow(plan.devices.count + 4 * plan.loops)
        var loops: [LoopThread] = []
        do throws(LoopError) {
            for number in 0..<min(plan.loops, plan.devices.count) {
                loops.append(try LoopThread(name: "fleet-\(number)"))
            }
        } catch {
            for loop in loops { loop.stop() }
            throw .noLoop("\(error)")
        }
        let count = loops.count
        self.plan = plan
        self.logger = logger
        self.loops = loops
        self.shards = loops.enumerated().map { number, loop in
            let members = stride(from: number, to: plan.devices.count, by: count).map { index in
                (index: index, profile: plan.devices[index])
            }
            return FleetShard(plan: plan, members: members, loop: loop, logger: logger)
        }
    }

    // MARK: - Life

    private func serve() async {
        await withDiscardingTaskGroup { group in
            for shard in self.shards {
                group.addTask { await shard.run() }
            }
            group.addTask { await self.supervise() }
        }
    }

    /// Starts the load when all shards are ready, and notices when the fleet has done what it was to do.
    private func supervise() async {
        if let load = self.plan.load {
            for shard in self.shards { await shard.ready.wait() }
            guard !Task.isCancelled else { return }
            let start = FleetShard.now
            for (number, shard) in self.shards.enumerated() {
                await shard.startLoad(self.share(of: number, in: load), at: start)
            }
            for shard in self.shards { await shard.loadDone.wait() }
        } else if let duration = self.plan.duration {
            do {
                try await Task.sleep(for: duration)
            } catch {
                return
            }
        } else {
            return
        }
        self.done.open()
    }

    /// The part of a load that falls to a shard: in proportion to its devices.
    private func share(of number: Int, in load: LoadPlan) -> LoadPlan {
        let total = self.plan.devices.count
        let shards = self.shards.count
        let members = total / shards + (number < total % shards ? 1 : 0)
        var share = load
        share.rate = load.rate * Double(members) / Double(total)
        share.messageLimit = load.messageLimit.map { limit in
            // The sum over all shards is the limit, whatever the rounding.
            let before = number * (total / shards) + min(number, total % shards)
            return limit.portion(before + members, of: total) - limit.portion(before, of: total)
        }
        return share
    }

    private func stop() async {
        for shard in self.shards { await shard.stop() }
    }

    private func stopLoops() {
        for loop in self.loops { loop.stop() }
    }

    // MARK: - What the fleet tells

    /// Waits until the plan is fulfilled: its duration is over, or its load has sent its last message and the broker
    /// has acknowledged it. A plan without duration and without message limit is never fulfilled.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func waitUntilDone() async throws {
        await self.done.wait()
        guard self.done.isOpen else { throw CancellationError() }
    }

    public func snapshot() async -> FleetSnapshot {
        var snapshot = FleetSnapshot()
        for shard in self.shards { snapshot.add(await shard.snapshot) }
        return snapshot
    }

    /// One device, by its index in `plan.devices`; an index outside is a programming error.
    public func device(at index: Int) async -> DeviceSnapshot {
        await self.shard(of: index).device(at: index / self.shards.count)
    }

    // MARK: - What the fleet is told

    /// Does something in the room of a device.
    public func stimulate(_ index: Int, _ stimulus: DeviceInput.Stimulus) async {
        await self.shard(of: index).feed(.stimulus(stimulus), to: index / self.shards.count)
    }

    /// Takes the power from a device: its connection breaks without a word, and it stays away until `plugIn`.
    public func unplug(_ index: Int) async {
        await self.shard(of: index).feed(.unplugged, to: index / self.shards.count)
    }

    /// Gives the power back.
    public func plugIn(_ index: Int) async {
        await self.shard(of: index).feed(.pluggedIn, to: index / self.shards.count)
    }

    /// Breaks the connection of a device without a word; it comes back by itself.
    public func cutConnection(of index: Int) async {
        await self.shard(of: index).cutConnection(of: index / self.shards.count)
    }

    /// Sends any bytes on any topic below a device's own, and waits until the broker took them.
    ///
    /// - Throws: `FleetError.notConnected`, or the `MQTTError` of the connection.
    public func send(_ publication: DevicePublication, from index: Int) async throws {
        try await self.shard(of: index).send(publication, from: index / self.shards.count)
    }

    private func shard(of index: Int) -> FleetShard {
        precondition(self.plan.devices.indices.contains(index), "the fleet has no device \(index)")
        return self.shards[index % self.shards.count]
    }
}

extension Int {
    /// This times `part` ÷ `whole`, rounded down, without overflow for any count of messages.
    fileprivate func portion(_ part: Int, of whole: Int) -> Int {
        let product = self.multipliedFullWidth(by: part)
        return whole.dividingFullWidth(product).quotient
    }
}
