import StationCore
import SystemBus

/// A look at which access points are in reach.
struct WiFiScan: Sendable {
    /// How often is looked whether the scan is over.
    private static let period: Duration = .milliseconds(250)
    /// How long a scan is given where NetworkManager does not tell when it is over, or has one under way already.
    private static let blindTime: Duration = .seconds(4)

    let client: NMClient
    let device: NMDevice

    /// Scans, and gives what is known then. A scan that does not end in time is no fault: what is known is told.
    ///
    /// - Throws: `HostFault`.
    func run() async throws(HostFault) -> [NMAccessPoint] {
        let before = try await self.lastScan()
        let isAsked = try await self.request()
        let limit = before != nil && isAsked ? HostLimits.scanTime : Self.blindTime
        let moved = try? await self.client.calls.clock.limit(to: limit) { await self.scanIsOver(since: before) }
        if case .failure(let fault)? = moved { throw fault }
        guard !Task.isCancelled else { throw .failed(.networkManager, "the scan was cancelled") }
        return try await self.client.accessPoints(of: self.device)
    }

    /// - Returns: Whether NetworkManager scans for us; false when it has just done so, or is at it.
    private func request() async throws(HostFault) -> Bool {
        do throws(BusError) {
            try await self.client.call("RequestScan", of: NMName.wireless, at: self.device.path, [.properties([:])])
            return true
        } catch {
            if error.name.hasSuffix(".NotAllowed") { return false }
            throw HostFault(error, of: .networkManager)
        }
    }

    /// When the last scan ended, in milliseconds of the kernel's clock; `nil` where NetworkManager does not tell.
    private func lastScan() async throws(HostFault) -> Int? {
        try await self.client.object(self.device.path, NMName.wireless)?["LastScan"]?.integer
    }

    private func scanIsOver(since before: Int?) async -> Result<Void, HostFault> {
        do throws(HostFault) {
            while await self.client.calls.clock.pause(for: Self.period) {
                if let before, try await self.lastScan() != before { break }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
