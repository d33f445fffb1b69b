import NIOCore
import StationCore
import Synchronization

/// The plain list of devices as it was last written, for each set of places that somebody sees: most of those who ask
/// ask for all, and often, and mostly nothing has changed.
final class DeviceListCache: Sendable {
    struct List: Sendable {
        let body: ByteBuffer
        let total: Int
    }

    private struct State {
        var revision: UInt64?
        var lists: [Set<PlaceID>?: List] = [:]
        var byteCount = 0
    }

    /// Room for the views of a household; a station with thousands of devices and many views writes some of them anew.
    private static let maximumBytes = 4 << 20

    private let state = Mutex(State())

    /// - Parameters:
    ///   - revision: Read before the devices are: then a list is at most newer than it says.
    ///   - places: What is seen; `nil` for everything.
    func list(at revision: UInt64, of places: Set<PlaceID>?, make: () -> List) -> List {
        let known = self.state.withLock { state -> List? in
            if state.revision != revision { state = State(revision: revision) }
            return state.lists[places]
        }
        if let known { return known }
        let made = make()
        self.state.withLock { state in
            guard state.revision == revision, state.lists[places] == nil,
                state.byteCount + made.body.readableBytes <= Self.maximumBytes
            else { return }
            state.lists[places] = made
            state.byteCount += made.body.readableBytes
        }
        return made
    }
}
