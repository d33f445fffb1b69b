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

    /// Switches it off and on again; all its connections end. Cancelled, it is on again all the same.
    ///
    /// - Throws: `BlueZError`; it may be off then.
    func powerCycle() async throws(BlueZError) {
        // In a task of its own: a stop in the middle would leave it off, which the next start takes for somebody's wish.
        try await Task { await self.offAndOn() }.value.get()
    }

    private func offAndOn() async -> Result<Void, BlueZError> {
        do throws(BlueZError) {
            try await self.setPowered(false)
            await self.objects.calls.clock.pause(for: Self.powerPause)
            return .success(try await self.setPowered(true))
        } catch {
            return .failure(error)
        }
    }

    private func setPowered(_ isPowered: Bool) async throws(BlueZError) {
        try await self.objects.calls.set(
            "Powered", of: BlueZName.adapter, at: self.path, to: .bool(isPowered), within: Self.powerLimit
        )
    }
}
