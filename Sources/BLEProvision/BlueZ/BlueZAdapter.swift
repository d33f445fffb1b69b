import StationCore
import SystemBus

/// What is done to an adapter when its scanner is dead, or when it is held down.
struct BlueZAdapter: Sendable {
    private static let powerLimit: Duration = .seconds(10)
    /// The kernel needs a moment between off and on.
    private static let powerPause: Duration = .seconds(1)

    let objects: BlueZObjects
    let path: String

    /// Switches it on.
    ///
    /// - Throws: `BlueZError`; `.blocked` when a switch holds it down.
    func powerOn() async throws(BlueZError) {
        try await self.setPowered(true)
    }

    /// Switches it off and on again; all its connections end.
    ///
    /// - Throws: `BlueZError`; it may be off then.
    func powerCycle() async throws(BlueZError) {
        try await self.setPowered(false)
        // Cancelled: on again all the same.
        try? await self.objects.calls.clock.sleep(for: Self.powerPause)
        try await self.setPowered(true)
    }

    private func setPowered(_ isPowered: Bool) async throws(BlueZError) {
        try await self.objects.calls.set(
            "Powered", of: BlueZName.adapter, at: self.path, to: .bool(isPowered), within: Self.powerLimit
        )
    }
}
