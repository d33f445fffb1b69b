import Logging
import MQTTTransport
import PollLoop
import StationCore

// One session: from the order to connect to the end of the connection, in a task of its own.

extension FleetShard {
    private static let connectDeadline: Duration = .seconds(10)
    /// Devices are patient: it is the station that is under test, not they.
    private static let acknowledgementDeadline: Duration = .seconds(30)

    /// Plugs all devices in and keeps them alive until the task is cancelled or `stop()` is called.
    func run() async {
        if let load = self.plan.load {
            self.loop.schedule(after: load.patience) { self.ready.open() }
        }
        for index in self.devices.indices { self.feed(.pluggedIn, to: index) }
        await withDiscardingTaskGroup { group in
            for await index in self.orders {
                await self.takeSlot()
                group.addTask { await self.session(of: index) }
            }
            // Each session says its farewell itself.
            group.cancelAll()
        }
        self.isStopping = true
        self.ready.open()
        self.loadDone.open()
    }

    /// Ends all sessions, and with them `run()`.
    func stop() {
        self.isStopping = true
        self.orderInlet.finish()
        self.freeSlot()
        for index in self.devices.indices {
            if let timer = self.devices[index].timer { self.loop.cancel(timer) }
            self.devices[index].timer = nil
        }
    }

    /// Has a device connected: at once, or when its session before is over.
    func order(_ index: Int) {
        guard !self.isStopping else { return }
        guard !self.devices[index].isInSession else {
            self.devices[index].mustConnectAgain = true
            return
        }
        self.devices[index].isInSession = true
        self.orderInlet.yield(index)
    }

    private func session(of index: Int) async {
        if let connection = await self.establish(index) {
            do throws(CancellationError) {
                let reason = try await connection.closed
                self.ended(connection, of: index, reason)
            } catch {
                self.isStopping = true
                switch self.plan.farewell {
                case .unplugged: await connection.abort()
                case .disconnect: await connection.close()
                }
            }
        }
        self.devices[index].isInSession = false
        if self.devices[index].mustConnectAgain {
            self.devices[index].mustConnectAgain = false
            self.order(index)
        }
    }

    private func ended(_ connection: MQTTConnection, of index: Int, _ reason: MQTTError?) {
        guard self.devices[index].connection === connection else { return }
        self.devices[index].connection = nil
        guard !self.isStopping else { return }
        self.logger.debug(
            "connection lost",
            metadata: [
                "device": "\(self.devices[index].machine.profile.externalID)",
                "reason": "\(reason.map { "\($0)" } ?? "closed")",
            ])
        self.feed(.disconnected, to: index)
    }

    /// Connects and subscribes; `nil` when nothing came of it.
    private func establish(_ index: Int) async -> MQTTConnection? {
        defer { self.freeSlot() }
        guard self.isAwaited(index) else { return nil }
        self.devices[index].generation += 1
        let generation = self.devices[index].generation
        let device = self.devices[index]
        var opened: MQTTConnection?
        do throws(MQTTError) {
            let connection = try await MQTTConnection.open(
                on: self.loop, to: self.plan.endpoint, options: self.options(for: device)
            ) { message in
                self.assumeIsolated { $0.received(message, by: index, in: generation) }
            }
            opened = connection
            guard self.isAwaited(index) else {
                await connection.abort()
                return nil
            }
            self.devices[index].connection = connection
            try await connection.subscribe(DeviceTopic.subscriptions.map { device.topic($0) })
            if self.devices[index].connection === connection, self.isAwaited(index) {
                self.feed(.connected, to: index)
            }
            return connection
        } catch {
            self.failed(index, opened, error)
            return nil
        }
    }

    private func failed(_ index: Int, _ connection: MQTTConnection?, _ error: MQTTError) {
        connection?.assumeIsolated { $0.abort() }
        if let connection, self.devices[index].connection === connection { self.devices[index].connection = nil }
        guard !self.isStopping, !self.devices[index].mustConnectAgain else { return }
        let machine = self.devices[index].machine
        self.logger.debug(
            "cannot connect", metadata: ["device": "\(machine.profile.externalID)", "reason": "\(error)"])
        self.feed(machine.isConnected ? .disconnected : .connectFailed, to: index)
    }

    /// Whether the machine still waits for the attempt that is under way, and not for a later one.
    private func isAwaited(_ index: Int) -> Bool {
        !self.isStopping && !self.devices[index].mustConnectAgain
            && self.devices[index].machine.phase == .connecting
    }

    private func options(for device: FleetDevice) -> MQTTConnectionOptions {
        let profile = device.machine.profile
        let credentials = self.plan.credentials(profile.externalID)
        return MQTTConnectionOptions(
            clientID: profile.externalID.description,
            username: credentials?.username,
            password: credentials?.password,
            keepAlive: self.plan.keepAlive,
            lastWill: MQTTMessage(
                topic: device.topic(DeviceTopic.heartbeat), payload: DeviceTopic.lastWill, qos: self.plan.behaviour.qos),
            connectDeadline: Self.connectDeadline,
            publishDeadline: Self.acknowledgementDeadline,
            maxInflight: self.plan.maxInflight
        )
    }

    private func received(_ message: InboundMessage, by index: Int, in generation: Int) {
        guard generation == self.devices[index].generation, self.devices[index].connection != nil else { return }
        // What the broker delivers proves the subscription, even if our wait for its answer has not ended yet.
        if self.isAwaited(index) { self.feed(.connected, to: index) }
        let suffix = self.devices[index].topic.suffix(of: message.topic) ?? message.topic
        self.feed(.message(suffix: suffix, payload: message.payload), to: index)
    }

    // MARK: - Slots

    /// Waits until one more device may begin to connect. Only `run()` waits.
    private func takeSlot() async {
        guard self.freeSlots == 0 else {
            self.freeSlots -= 1
            return
        }
        await withCheckedContinuation { self.slotWaiter = $0 }
    }

    private func freeSlot() {
        guard let waiter = self.slotWaiter else {
            self.freeSlots += 1
            return
        }
        self.slotWaiter = nil
        waiter.resume()
    }
}
