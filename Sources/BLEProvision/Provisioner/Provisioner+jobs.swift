import Logging
import StationCore
import StationData
import Synchronization

extension Provisioner {
    /// Provisions one device and tells how that went.
    func perform(_ job: ProvisioningJob) async {
        let arrival = ArrivalWatch(of: job.device.id, in: self.hub)
        await withTaskGroup { group in
            group.addTask { await arrival.follow() }
            group.addTask {
                await self.provision(job, arrival)
                // The other one has nothing to listen for any more.
                arrival.end()
            }
        }
    }

    private func provision(_ job: ProvisioningJob, _ arrival: ArrivalWatch) async {
        await self.turnstile.turn(of: job.ticket)
        let steps = StepTeller(of: job.externalID, on: self.board)
        let run = ProvisioningRun(job: job, arrival: arrival, steps: steps, provisioner: self)
        let ending = await run.run()
        self.turnstile.done(job.ticket)
        let failure =
            switch ending {
            case .accepted, .doubtful: await self.failure(of: arrival, steps, job, otherwise: .deviceDidNotAppear)
            case .joinedWiFi(let next): await self.failure(of: arrival, steps, job, otherwise: .joinedOnly(next: next))
            case .failed(let failure): await self.abandoned(job, failure)
            }
        // Before the result: whoever hears it may try again at once.
        self.board.end(job.externalID)
        self.tell(failure, of: job)
    }

    private func abandoned(_ job: ProvisioningJob, _ failure: ProvisioningFailure) async -> ProvisioningFailure {
        await self.abandon(job.device.id)
        return failure
    }

    /// Waits for the device's handshake.
    ///
    /// - Returns: `nil` when it came.
    private func failure(
        of arrival: ArrivalWatch, _ steps: StepTeller, _ job: ProvisioningJob, otherwise failure: ProvisioningFailure
    ) async -> ProvisioningFailure? {
        steps.tell(.waitingForDevice)
        await self.forget(job.candidate)
        guard await self.isConfirmed(job) else { return .notStored }
        if await arrival.wait(for: self.configuration.onlineTimeout, on: self.clock) {
            steps.tell(.online)
            return nil
        }
        // Told to stop: the next start marks the row.
        guard !Task.isCancelled else { return .stopped }
        do throws(StoreError) {
            try await self.hub.markNotAppeared(job.device.id)
        } catch {
            self.logger.warning("a device that did not appear is not marked", metadata: ["error": "\(error)"])
        }
        return failure
    }

    /// Stores that the device took its token. A store that is away for a moment must not cost a known device its way
    /// back: its new token would never be let in.
    func isConfirmed(_ job: ProvisioningJob) async -> Bool {
        for _ in 0..<3 {
            do throws(StoreError) {
                try await self.confirm(job)
                return true
            } catch {
                self.logger.warning("a device's new token is not stored", metadata: ["error": "\(error)"])
                guard await self.clock.pause(for: .seconds(1)) else { return false }
            }
        }
        return false
    }

    /// Also in a task that is cancelled.
    private func confirm(_ job: ProvisioningJob) async throws(StoreError) {
        let hub = self.hub
        let id = job.device.id
        let outcome = await Task {
            await Self.outcome { () async throws(StoreError) in try await hub.confirmProvisioned(id) }
        }
        .value
        try outcome.get()
        await self.logins.settle()
    }

    /// The row of a device that took nothing goes again, also in a task that is cancelled.
    func abandon(_ id: DeviceID) async {
        let hub = self.hub
        let outcome = await Task {
            await Self.outcome { () async throws(StoreError) in _ = try await hub.abandonProvisioned(id) }
        }.value
        if case .failure(let error) = outcome {
            self.logger.warning("a device that was not added is still on record", metadata: ["error": "\(error)"])
        }
    }

    private static func outcome(
        of body: @Sendable () async throws(StoreError) -> Void
    ) async -> Result<Void, StoreError> {
        do throws(StoreError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// A device that was provisioned is no candidate any more, is not expected to be heard, and need not stay in BlueZ's
    /// table.
    private func forget(_ candidate: ProvisioningCandidate) async {
        self.board.withdraw(address: candidate.address)
        self.ladder.withLock { $0.forget(candidate.address) }
        guard let radio = self.link.withLock({ $0 }), let adapter = radio.objects.view.readyAdapter?.path,
            let device = radio.objects.view.tree.device(at: candidate.address, of: adapter)
        else { return }
        // It may be gone already, and it goes by itself.
        try? await BlueZSession.remove(device: device, adapter: adapter, over: radio.calls)
    }

    private func tell(_ failure: ProvisioningFailure?, of job: ProvisioningJob) {
        if let failure {
            self.logger.notice(
                "a new device was not added",
                metadata: [
                    "device": "\(job.externalID)", "code": "\(failure.code)", "detail": "\(failure.detail ?? "")",
                ]
            )
        } else {
            self.logger.notice("a new device is online", metadata: ["device": "\(job.externalID)"])
        }
        let isKept = self.hub.device(job.device.id) != nil
        self.board.tell(.result(job.externalID, deviceID: isKept ? job.device.id : nil, failure: failure))
    }

    // MARK: Showing itself

    /// Lets a candidate show itself. To be called when it is its turn.
    ///
    /// - Returns: `false` where it cannot.
    func identify(
        _ candidate: ProvisioningCandidate, _ dialect: any ProvisioningDialect
    ) async throws(ProvisioningRefusal) -> Bool {
        let connector = Connector(provisioner: self, address: candidate.address, dialect: dialect)
        var policy = ConnectPolicy()
        var preparation = ConnectPolicy.Preparation.nothing
        while true {
            do throws(AttemptError) {
                return try await connector.attempt(
                    preparation, onConnected: {},
                    { link throws(ProvisioningFault) in try await dialect.identify(over: link) }
                )
            } catch {
                guard let cause = error.retryable, case .retry(let pause, let next) = policy.next(after: cause),
                    await self.clock.pause(for: pause)
                else { throw .failed(error.failure) }
                preparation = next
            }
        }
    }

    // MARK: Links and adapter

    /// Puts on record that a device is about to be connected. Without a store it is connected all the same.
    func remember(_ address: String) async {
        do throws(StoreError) {
            try await self.hub.rememberLink(address)
        } catch {
            self.logger.warning("a connection is not on record", metadata: ["error": "\(error)"])
        }
    }

    /// Also in a task that is cancelled.
    func forget(link address: String) async {
        let hub = self.hub
        let outcome = await Task {
            await Self.outcome { () async throws(StoreError) in try await hub.forgetLink(address) }
        }.value
        if case .failure(let error) = outcome {
            self.logger.warning("an ended connection is still on record", metadata: ["error": "\(error)"])
        }
    }

    /// Waits until there is BlueZ with an adapter that is on.
    func waitForAdapter(within limit: Duration) async throws(BlueZError) {
        let bells = self.board.bells.listen()
        _ = try? await self.clock.limit(to: limit) { await self.adapterComes(bells) }
        if Task.isCancelled { throw BlueZError(.cancelled, "the wait for the adapter was cancelled") }
        guard self.isAdapterThere else {
            throw BlueZError(.noAdapter, "Bluetooth was \(self.board.adapter.rawValue) for \(limit)")
        }
    }

    private func adapterComes(_ bells: AsyncStream<Void>) async {
        if self.isAdapterThere { return }
        for await _ in bells where self.isAdapterThere { return }
    }

    /// By BlueZ itself: the board may be a moment behind.
    private var isAdapterThere: Bool {
        guard let radio = self.link.withLock({ $0 }) else { return false }
        return radio.objects.view.fault == nil
    }
}
