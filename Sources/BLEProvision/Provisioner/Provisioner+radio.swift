import Logging
import StationCore
import StationData
import Synchronization
import SystemBus

extension Provisioner {
    /// How often candidates, scanner and table are looked at while somebody watches.
    private static let period: Duration = .seconds(1)
    private static let bluetoothUnit = "bluetooth.service"

    /// Keeps a connection to the bus, and follows BlueZ over it, until the task is cancelled.
    func keepRadio() async {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
        while !Task.isCancelled {
            do throws(BusError) {
                let bus = try await BusConnection.open(self.configuration.bus, on: self.loop)
                let begin = self.clock.now
                let outcome = await self.use(bus)
                await bus.close()
                if begin.duration(to: self.clock.now) >= .seconds(60) { backoff.reset() }
                try outcome.get()
            } catch {
                self.report(.noBluetoothd, because: "no D-Bus: \(error)")
            }
            guard !Task.isCancelled else { return }
            await self.clock.pause(for: backoff.next())
        }
    }

    /// One connection to the bus, until it ends or the task is cancelled.
    private func use(_ bus: BusConnection) async -> Result<Void, BusError> {
        let objects = BlueZObjects(calls: BlueZCalls(bus: bus, clock: self.clock))
        let filter = Set(self.dialects.flatMap(\.services)).sorted { $0.description < $1.description }
        let discovery = Discovery(
            objects: objects, services: self.configuration.scansAll ? nil : filter, logger: self.logger,
            isWatched: { [board] in board.isWatched },
            onStart: { [weak self] in self?.discoveryBegan() },
            onStop: { [board] in board.discoveryEnded() }
        )
        let radio = Radio(objects: objects, discovery: discovery)
        self.link.withLock { $0 = radio }
        let outcome = await withTaskGroup(of: Result<Void, BusError>?.self) { group in
            group.addTask { await Self.follow(objects) }
            group.addTask { await self.obey(objects.events, radio) }
            group.addTask { await self.serveWishes(radio) }
            group.addTask { await self.turnTime(radio) }
            // Only the first of them ends by itself, and its events with it.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .success(())
        }
        self.link.withLock { $0 = nil }
        self.report(.noBluetoothd, because: "the connection to D-Bus ended")
        return outcome
    }

    private static func follow(_ objects: BlueZObjects) async -> Result<Void, BusError>? {
        do throws(BusError) {
            try await objects.follow()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func discoveryBegan() {
        let now = self.clock.now
        self.ladder.withLock { $0.restarted(at: now) }
        self.board.discoveryBegan()
    }

    // MARK: Events

    /// Takes up what BlueZ tells.
    private func obey(_ events: AsyncStream<BlueZObjects.Event>, _ radio: Radio) async -> Result<Void, BusError>? {
        await withDiscardingTaskGroup { group in
            for await event in events {
                switch event {
                case .everything, .change(.adapter): self.lookAtAdapter(radio)
                case .change(.added(let device)):
                    if self.board.isWatched { radio.strangers.add(device, at: self.clock.now) }
                case .change(.removed(let device)): radio.strangers.forget(device)
                case .change(.heard(let device)):
                    guard self.hear(device, radio) else { continue }
                    group.addTask { await self.remove(device, radio) }
                case .change(.value), .change(.disconnected): break
                }
            }
        }
        return nil
    }

    private func lookAtAdapter(_ radio: Radio) {
        let state = radio.adapterState(self.block)
        self.report(state, because: nil)
        // Another adapter, or BlueZ again: discovery must follow, though the state may be the same.
        self.board.bells.ring()
    }

    private func report(_ state: ProvisioningAdapter, because reason: String?) {
        let (status, words): (HealthBoard.Status, String) =
            switch state {
            case .ready: (.ok, "the Bluetooth adapter is ready")
            case .poweredOff: (.degraded, "the Bluetooth adapter is switched off")
            case .blocked: (.degraded, "Bluetooth is held down by a switch; “rfkill unblock bluetooth” lifts it")
            // A machine without Bluetooth works as it was meant to.
            case .absent: (.off, "there is no Bluetooth adapter")
            case .noBluetoothd: (.off, "bluetoothd is not running")
            }
        let detail = reason.map { "\(words) (\($0))" } ?? words
        self.health.report(.ble, status, detail)
        if self.board.set(state), !Task.isCancelled {
            self.logger.notice(
                "the state of Bluetooth has changed", metadata: ["state": "\(state.rawValue)", "why": "\(detail)"])
        }
    }

    /// A device was heard.
    ///
    /// - Returns: Whether BlueZ should forget it.
    private func hear(_ device: String, _ radio: Radio) -> Bool {
        guard let advertisement = radio.objects.view.tree.advertisement(of: device) else { return false }
        let now = self.clock.now
        self.ladder.withLock { $0.heard(advertisement.address, at: now) }
        let outdated = self.board.hear(advertisement, self.recognise(advertisement))
        // Also one that is recognised and not shown: it is set up already, or one too many.
        if self.board.isCandidate(address: advertisement.address) {
            radio.strangers.forget(device)
        } else {
            radio.strangers.heard(device, at: now)
        }
        return !outdated.isEmpty
    }

    private func recognise(_ advertisement: Advertisement) -> CandidateTraits? {
        guard advertisement.name != nil || self.configuration.allowsNameless else { return nil }
        return self.dialects.lazy.compactMap { $0.recognise(advertisement) }.first
    }

    /// Makes BlueZ forget a device of which nobody wants anything.
    private func remove(_ device: String, _ radio: Radio) async {
        guard let adapter = radio.objects.view.tree.adapter?.path, !radio.objects.view.tree.isKept(device) else {
            return
        }
        do throws(BlueZError) {
            try await BlueZSession.remove(device: device, adapter: adapter, over: radio.calls)
        } catch {
            // It may have gone by itself.
            self.logger.debug("a device could not be removed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Wishes

    /// Brings discovery to what those who watch want, as often as that or the adapter changes.
    private func serveWishes(_ radio: Radio) async -> Result<Void, BusError>? {
        let bells = self.board.bells.listen()
        var wasWatched = false
        repeat {
            let isWatched = self.board.isWatched
            if isWatched, !wasWatched {
                let now = self.clock.now
                self.ladder.withLock { $0.reset(at: now) }
            }
            await self.removeLeftovers(radio)
            if isWatched { await self.liftBlock(radio) }
            await radio.discovery.settle()
            if wasWatched, !isWatched { await self.removeStrangers(radio, all: true) }
            wasWatched = isWatched
        } while await Self.next(of: bells)
        return nil
    }

    private static func next(of bells: AsyncStream<Void>) async -> Bool {
        for await _ in bells { return true }
        return false
    }

    /// Lifts the soft block of rfkill, where we may.
    private func liftBlock(_ radio: Radio) async {
        guard radio.adapterState(self.block) == .blocked, self.block.state == .soft else { return }
        guard self.block.lift() else {
            self.logger.notice("rfkill holds Bluetooth down, and we may not lift it")
            return
        }
        self.logger.notice("rfkill held Bluetooth down; lifted")
        guard let adapter = radio.objects.view.tree.adapter?.path else { return }
        do throws(BlueZError) {
            try await BlueZAdapter(objects: radio.objects, path: adapter).powerOn()
        } catch {
            self.logger.notice("the adapter does not come up", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Time

    /// Lets time pass for candidates, scanner and table while somebody watches.
    private func turnTime(_ radio: Radio) async -> Result<Void, BusError>? {
        let bells = self.board.bells.listen()
        while !Task.isCancelled {
            guard self.board.isWatched else {
                guard await Self.next(of: bells) else { return nil }
                continue
            }
            self.board.passTime()
            await self.climb(radio)
            await self.removeStrangers(radio, all: false)
            // Discovery may have failed to begin, with nobody to say when it can.
            await radio.discovery.settle()
            guard await self.clock.pause(for: Self.period) else { return nil }
        }
        return nil
    }

    private func removeStrangers(_ radio: Radio, all: Bool) async {
        for device in radio.strangers.take(all: all, at: self.clock.now) {
            guard radio.objects.view.tree.hasDevice(device) else { continue }
            await self.remove(device, radio)
        }
    }

    /// Does something about a scanner that hears nothing any more.
    private func climb(_ radio: Radio) async {
        guard await radio.discovery.isOn, let adapter = radio.objects.view.readyAdapter?.path else { return }
        let tree = radio.objects.view.tree
        let isShared = tree.devices(of: adapter).contains(where: tree.isConnected)
        let now = self.clock.now
        guard let rung = self.ladder.withLock({ $0.step(at: now, isAdapterShared: isShared) }) else { return }
        self.logger.warning("the Bluetooth scanner hears nothing any more", metadata: ["remedy": "\(rung)"])
        do throws(BlueZError) {
            switch rung {
            case .restartDiscovery: await radio.discovery.restart()
            case .powerCycleAdapter: try await BlueZAdapter(objects: radio.objects, path: adapter).powerCycle()
            case .restartBluetoothd: try await radio.calls.restartUnit(Self.bluetoothUnit)
            }
        } catch {
            self.logger.warning("that remedy failed", metadata: ["remedy": "\(rung)", "error": "\(error)"])
        }
    }

    // MARK: What a killed agent has left

    /// Ends the connections that an agent had when it was killed: BlueZ keeps them, and says `InProgress` for hours.
    private func removeLeftovers(_ radio: Radio) async {
        guard radio.objects.view.readyAdapter != nil else { return }
        if self.leftovers.withLock({ $0 }) == nil {
            guard let links = try? await self.hub.rememberedLinks() else { return }
            self.leftovers.withLock { $0 = links }
        }
        for address in self.leftovers.withLock({ $0 }) ?? [] {
            guard await self.removeLeftover(address, radio) else { return }
            self.leftovers.withLock { $0?.removeAll { $0 == address } }
        }
    }

    /// - Returns: Whether it is done; not without an adapter.
    private func removeLeftover(_ address: String, _ radio: Radio) async -> Bool {
        guard let adapter = radio.objects.view.readyAdapter?.path else { return false }
        if let device = radio.objects.view.tree.device(at: address, of: adapter) {
            self.logger.notice("a connection of an earlier run is ended", metadata: ["address": "\(address)"])
            await BlueZSession(objects: radio.objects, calls: radio.calls, device: device).close()
            // Also one that somebody has paired: nobody pairs a factory-new device.
            try? await BlueZSession.remove(device: device, adapter: adapter, over: radio.calls)
        }
        // A store that cannot be written is looked at again at the next start.
        try? await self.hub.forgetLink(address)
        return true
    }
}
