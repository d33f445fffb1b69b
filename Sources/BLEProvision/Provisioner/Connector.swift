import StationCore
import Synchronization
import SystemBus

/// Finds, connects and leaves one device, as often as it is asked to.
struct Connector: Sendable {
    /// How long a device may take to be heard again.
    static let hearLimit: Duration = .seconds(20)
    /// How long BlueZ may take to come back, with an adapter.
    static let comebackLimit: Duration = .seconds(60)
    /// Generic access and generic attribute: every device has them.
    private static let everyonesServices: Set<GATTUUID> = [GATTUUID(short: 0x1800), GATTUUID(short: 0x1801)]

    let provisioner: Provisioner
    let address: String
    let dialect: any ProvisioningDialect

    /// One try: everything from finding the device to the end of its link, whatever happens between.
    ///
    /// - Parameters:
    ///   - onConnected: Called when the services are about to be resolved.
    ///   - body: What is done over the link.
    func attempt<Result: Sendable>(
        _ preparation: ConnectPolicy.Preparation, onConnected: @Sendable () -> Void,
        _ body: @Sendable (BlueZLink) async throws(ProvisioningFault) -> Result
    ) async throws(AttemptError) -> Result {
        let (radio, device) = try await self.find(preparation)
        await self.provisioner.setQuiet(true)
        await radio.discovery.pause()
        do throws(AttemptError) {
            let result = try await self.hold(device, radio, onConnected, body)
            await self.leave(radio)
            return result
        } catch {
            await self.leave(radio)
            throw error
        }
    }

    private func leave(_ radio: Radio) async {
        await radio.discovery.resume()
        await self.provisioner.setQuiet(false)
    }

    // MARK: Finding

    private func find(
        _ preparation: ConnectPolicy.Preparation
    ) async throws(AttemptError) -> (radio: Radio, device: String) {
        do throws(BlueZError) {
            switch preparation {
            case .nothing: return try await self.hear(afresh: false)
            case .waitForAdvertisement: return try await self.hear(afresh: true)
            case .removeDevice:
                await self.remove()
                return try await self.hear(afresh: true)
            case .waitForBlueZ:
                try await self.provisioner.waitForAdapter(within: Self.comebackLimit)
                return try await self.hear(afresh: true)
            }
        } catch {
            throw .bluez(error)
        }
    }

    /// The device's object; the device is waited for where BlueZ does not have it.
    ///
    /// - Parameter afresh: Whether it must be heard now. Then the strength of its signal is known.
    private func hear(afresh: Bool) async throws(BlueZError) -> (radio: Radio, device: String) {
        guard let radio = self.provisioner.link.withLock({ $0 }) else {
            throw BlueZError(.busLost, "there is no connection to D-Bus")
        }
        if let fault = radio.objects.view.fault { throw fault }
        if !afresh, let device = self.device(in: radio.objects.view, afresh: false) { return (radio, device) }
        do throws(BlueZError) {
            let device = try await radio.discovery.listening { () async throws(BlueZError) in
                try await radio.objects.wait(for: "an advertisement", within: Self.hearLimit) {
                    view throws(BlueZError) in
                    if let fault = view.fault { throw fault }
                    return self.device(in: view, afresh: true)
                }
            }
            return (radio, device)
        } catch {
            guard error.cause == .timedOut else { throw error }
            throw BlueZError(.deviceGone, "the device was not heard for \(Self.hearLimit)")
        }
    }

    /// Returns when the device advertises from now on; waits for ever, until the task is cancelled, where it does not.
    func waitUntilHeardAnew() async {
        // What BlueZ heard before goes with the discovery in which it was.
        await self.provisioner.link.withLock({ $0 })?.discovery.restart()
        while !Task.isCancelled {
            if (try? await self.hear(afresh: true)) != nil { return }
            // It is away, or BlueZ is.
            guard await self.provisioner.clock.pause(for: .seconds(1)) else { return }
        }
    }

    private func device(in view: BlueZView, afresh: Bool) -> String? {
        guard let adapter = view.readyAdapter?.path,
            let device = view.tree.device(at: self.address, of: adapter)
        else { return nil }
        guard afresh else { return device }
        return view.tree.property(device, BlueZName.device, "RSSI") == nil ? nil : device
    }

    private func remove() async {
        guard let radio = self.provisioner.link.withLock({ $0 }), let adapter = radio.objects.view.readyAdapter?.path,
            let device = radio.objects.view.tree.device(at: self.address, of: adapter)
        else { return }
        // What is not there need not be removed, and what cannot be is connected to as it is.
        try? await BlueZSession.remove(device: device, adapter: adapter, over: radio.calls)
        try? await radio.objects.wait(for: "the removal", within: .seconds(2)) { view in
            view.tree.hasDevice(device) ? nil : ()
        }
    }

    // MARK: The link

    private func hold<Result: Sendable>(
        _ device: String, _ radio: Radio, _ onConnected: @Sendable () -> Void,
        _ body: @Sendable (BlueZLink) async throws(ProvisioningFault) -> Result
    ) async throws(AttemptError) -> Result {
        let bus = try await self.openBus()
        let calls = BlueZCalls(bus: bus, clock: self.provisioner.clock)
        let session = BlueZSession(objects: radio.objects, calls: calls, device: device)
        await self.provisioner.remember(self.address)
        do throws(AttemptError) {
            let link = try await self.connect(session, onConnected)
            let result = try await self.work(body, link)
            await self.end(session, bus)
            return result
        } catch {
            await self.end(session, bus)
            throw error
        }
    }

    /// A connection of the session's own: with its end BlueZ forgets our notifications.
    private func openBus() async throws(AttemptError) -> BusConnection {
        do throws(BusError) {
            return try await BusConnection.open(self.provisioner.configuration.bus, on: self.provisioner.loop)
        } catch {
            throw .bluez(BlueZError(error))
        }
    }

    private func connect(
        _ session: BlueZSession, _ onConnected: @Sendable () -> Void
    ) async throws(AttemptError) -> BlueZLink {
        let services = self.dialect.services
        let isToldByName = self.dialect.isToldByName
        do throws(BlueZError) {
            try await session.connect()
            onConnected()
            try await session.resolve { characteristics in
                characteristics.contains { one in
                    services.contains(one.service) || isToldByName && !Self.everyonesServices.contains(one.service)
                }
            }
        } catch {
            throw .bluez(error)
        }
        return BlueZLink(objects: session.objects, calls: session.calls, device: session.device)
    }

    private func work<Result: Sendable>(
        _ body: @Sendable (BlueZLink) async throws(ProvisioningFault) -> Result, _ link: BlueZLink
    ) async throws(AttemptError) -> Result {
        do throws(ProvisioningFault) {
            return try await body(link)
        } catch {
            throw .fault(error)
        }
    }

    private func end(_ session: BlueZSession, _ bus: BusConnection) async {
        await session.close()
        await bus.close()
        let view = session.objects.view
        // Without a view of it the link may still be there: it stays on record for the next start.
        if !view.isLost, !view.tree.isConnected(session.device) { await self.provisioner.forget(link: self.address) }
    }
}
