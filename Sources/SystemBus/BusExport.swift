/// An exported object, for as long as somebody holds this; `cancel()` or the last reference takes it back.
public final class BusExport: Sendable {
    private let remove: @Sendable () -> Void

    init(remove: @escaping @Sendable () -> Void) {
        self.remove = remove
    }

    deinit {
        self.remove()
    }

    /// Peers hear from now on that there is no such object. A request being answered is answered.
    public func cancel() {
        self.remove()
    }
}
