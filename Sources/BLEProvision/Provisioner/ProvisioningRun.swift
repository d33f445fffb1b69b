import Logging
import StationCore

/// The part over Bluetooth of one provisioning: tries until it is done, refused, hopeless or in doubt.
struct ProvisioningRun: Sendable {
    /// How long a device that took its settings may go on advertising.
    static let restartTime: Duration = .seconds(5)

    let job: ProvisioningJob
    let arrival: ArrivalWatch
    let steps: StepTeller
    let provisioner: Provisioner

    func run() async -> ProvisioningEnding {
        var policy = ConnectPolicy()
        var preparation = ConnectPolicy.Preparation.nothing
        /// Whether a value may have reached the device that was not acknowledged.
        var isInDoubt = false
        while true {
            if Task.isCancelled { return isInDoubt ? .doubtful : .failed(.stopped) }
            // Whoever shakes hands has taken it, whatever Bluetooth says.
            if self.arrival.hasArrived { return .accepted }
            let error: AttemptError
            do throws(AttemptError) {
                switch try await self.attempt(preparation) {
                case .accepted: return .accepted
                case .joinedWiFi(let next): return .joinedWiFi(next: next)
                case .unconfirmed:
                    isInDoubt = true
                    if await self.hasTakenIt() { return .accepted }
                    error = .fault(ProvisioningFault(.linkLost, detail: "the write was not confirmed (ATT 0x0e)"))
                }
            } catch let failed {
                error = failed
            }
            isInDoubt = isInDoubt || error.leavesDoubt
            self.log(error)
            switch self.next(after: error, isInDoubt: isInDoubt, &policy) {
            case .giveUp: return isInDoubt && error.retryable != nil ? .doubtful : .failed(error.failure)
            case .retry(let pause, let next):
                // A device that took it is not heard again: only one that is heard needs another try.
                preparation = isInDoubt && next == .nothing ? .waitForAdvertisement : next
                await self.provisioner.clock.pause(for: pause)
            }
        }
    }

    private func next(
        after error: AttemptError, isInDoubt: Bool, _ policy: inout ConnectPolicy
    ) -> ConnectPolicy.Step {
        guard let cause = error.retryable else { return .giveUp(BlueZError(.failed, "")) }
        if isInDoubt, cause.cause == .deviceGone { return .giveUp(cause) }
        return policy.next(after: cause)
    }

    private func attempt(
        _ preparation: ConnectPolicy.Preparation
    ) async throws(AttemptError) -> ProvisioningOutcome {
        self.steps.tell(.connecting)
        let connector = self.connector
        let order = self.order
        let steps = self.steps
        return try await connector.attempt(
            preparation, onConnected: { steps.tell(.resolving) },
            { link throws(ProvisioningFault) in try await self.handOver(order, over: link) }
        )
    }

    /// What the device took is told and confirmed while the link is still there: BlueZ needs 2 s to end it, and the device
    /// may be at the broker by then.
    private func handOver(
        _ order: ProvisioningOrder, over link: BlueZLink
    ) async throws(ProvisioningFault) -> ProvisioningOutcome {
        self.arrival.arm()
        let steps = self.steps
        let outcome = try await self.job.dialect.provision(over: link, with: order) { steps.take($0) }
        switch outcome {
        case .unconfirmed: break
        case .accepted, .joinedWiFi:
            steps.tell(.waitingForDevice)
            _ = await self.provisioner.isConfirmed(self.job)
        }
        return outcome
    }

    private var connector: Connector {
        Connector(provisioner: self.provisioner, address: self.job.candidate.address, dialect: self.job.dialect)
    }

    private var order: ProvisioningOrder {
        let configuration = self.provisioner.configuration
        return ProvisioningOrder(
            wifi: self.job.request.wifi,
            place: StationPlace(
                mqttHost: configuration.mqttHost, mqttPort: configuration.mqttPort, deviceID: self.job.externalID,
                deviceToken: self.job.token, stationID: configuration.stationID
            ),
            proofOfPossession: self.job.request.proofOfPossession
        )
    }

    /// Whether a device whose write was not confirmed shakes hands. One that was known before is let in with its new
    /// token only once that is confirmed; its old one is of no use any more, since it advertised as factory-new.
    private func hasTakenIt() async -> Bool {
        self.steps.tell(.waitingForDevice)
        if self.job.isKnown { _ = await self.provisioner.isConfirmed(self.job) }
        await withTaskGroup { group in
            group.addTask { await self.waitForArrival(self.provisioner.configuration.doubtTimeout) }
            group.addTask { await self.waitForReturn() }
            await group.next()
            group.cancelAll()
        }
        return self.arrival.hasArrived
    }

    private func waitForArrival(_ limit: Duration) async {
        _ = await self.arrival.wait(for: limit, on: self.provisioner.clock)
    }

    /// Returns when the device is heard again as factory-new, and so has taken nothing; not before it had the time to
    /// restart, until when the published firmware may go on advertising.
    private func waitForReturn() async {
        guard await self.provisioner.clock.pause(for: Self.restartTime) else { return }
        await self.connector.waitUntilHeardAnew()
    }

    private func log(_ error: AttemptError) {
        let words =
            switch error {
            case .bluez(let error): error.detail
            case .fault(let fault): "\(fault.kind.rawValue): \(fault.detail)"
            }
        self.provisioner.logger.info(
            "a try to provision a device failed", metadata: ["device": "\(self.job.externalID)", "error": "\(words)"]
        )
    }
}
