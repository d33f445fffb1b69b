import StationCore
import SystemBus

/// One connection to one device, from `Connect` to `Disconnect`.
///
/// It has a connection to the bus of its own: when that is closed BlueZ drops our notifications, also after a crash; it
/// does not drop the link, hence `close`.
struct BlueZSession: Sendable {
    /// Contract 5: 15 s to connect, 15 s until services and characteristics are there.
    static let connectLimit: Duration = .seconds(15)
    static let resolveLimit: Duration = .seconds(15)
    private static let connectedLimit: Duration = .seconds(2)
    private static let disconnectLimit: Duration = .seconds(5)

    let objects: BlueZObjects
    let calls: BlueZCalls
    /// The path of the device's object.
    let device: String

    /// Connects. A link that is there already is somebody's left-over: it is ended first.
    ///
    /// - Throws: `BlueZError`; then there is no link.
    func connect() async throws(BlueZError) {
        let view = self.objects.view
        if let fault = view.fault { throw fault }
        guard view.tree.hasDevice(self.device) else {
            throw BlueZError(.deviceGone, "BlueZ does not know \(self.device)")
        }
        if view.tree.isConnected(self.device) { await self.disconnect() }
        do throws(BlueZError) {
            try await self.calls.call("Connect", of: BlueZName.device, at: self.device, within: Self.connectLimit)
        } catch {
            if error.cause == .alreadyDone { return }
            // A `Connect` without an answer goes on until it is cancelled by `Disconnect`; and one that was broken off
            // may have been connected for a moment.
            if error.cause != .busy { await self.close() }
            throw error
        }
    }

    /// Waits until the services are resolved and the objects of the characteristics are there, which may be later.
    ///
    /// - Parameter isComplete: Whether what is needed is among them.
    /// - Throws: `BlueZError` with `.notConnected`, `.servicesNotResolved` or `.servicesMissing`.
    func resolve(
        _ isComplete: @escaping @Sendable ([GATTCharacteristic]) -> Bool
    ) async throws(BlueZError) {
        let device = self.device
        do throws(BlueZError) {
            // `Connected` may come a moment after the reply to `Connect`; from then on its absence is the end.
            try await self.objects.wait(for: "Connected", within: Self.connectedLimit) { view throws(BlueZError) in
                try Self.linkState(of: device, in: view) ? () : nil
            }
            try await self.objects.wait(for: "services", within: Self.resolveLimit) { view throws(BlueZError) in
                guard try Self.linkState(of: device, in: view) else {
                    throw BlueZError(.notConnected, "the device dropped the link")
                }
                guard view.tree.isResolved(device) else { return nil as Void? }
                return isComplete(view.tree.characteristics(of: device).map(\.characteristic)) ? () : nil
            }
        } catch {
            throw error.cause == .timedOut ? self.unresolved() : error
        }
    }

    /// Whether the device is connected.
    private static func linkState(of device: String, in view: BlueZView) throws(BlueZError) -> Bool {
        guard view.isServed else { throw BlueZError(.noBluetoothd, "bluetoothd went away") }
        guard view.tree.hasDevice(device) else { throw BlueZError(.deviceGone, "\(device) was removed") }
        return view.tree.isConnected(device)
    }

    /// Why the services did not come.
    private func unresolved() -> BlueZError {
        let tree = self.objects.view.tree
        guard tree.isConnected(self.device) else { return BlueZError(.notConnected, "the device dropped the link") }
        let limit = Self.resolveLimit
        guard tree.isResolved(self.device) else {
            return BlueZError(.servicesNotResolved, "ServicesResolved did not come within \(limit)")
        }
        let count = tree.characteristics(of: self.device).count
        return BlueZError(.servicesMissing, "resolved, but of \(count) characteristics none is the one needed")
    }

    /// Ends the link, whatever state it is in, also in a task that is cancelled; returns when it is gone or BlueZ does
    /// not say so in time.
    func close() async {
        await Task { await self.disconnect() }.value
    }

    private func disconnect() async {
        let device = self.device
        do throws(BlueZError) {
            try await self.calls.call("Disconnect", of: BlueZName.device, at: device, within: Self.disconnectLimit)
        } catch {
            // Not connected, or gone with its BlueZ: what was wanted. Else the next try finds it connected.
            if error.cause == .busLost || error.cause == .noBluetoothd || error.cause == .deviceGone { return }
        }
        try? await self.objects.wait(for: "the end of the link", within: Self.disconnectLimit) { view in
            view.isServed && view.tree.isConnected(device) ? nil : ()
        }
    }

    /// Makes BlueZ forget the device with all that it has cached of it.
    ///
    /// - Throws: `BlueZError`; `.deviceGone` when it did not know it.
    static func remove(
        device: String, adapter: String, over calls: BlueZCalls
    ) async throws(BlueZError) {
        try await calls.call("RemoveDevice", of: BlueZName.adapter, at: adapter, [.objectPath(device)])
    }
}
