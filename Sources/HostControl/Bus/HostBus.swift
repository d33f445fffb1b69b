public import PollLoop
public import SystemBus

/// The connection to the system bus that host control shares: opened when it is first needed, and again when it was lost.
public actor HostBus {
    private let address: BusAddress
    private let loop: LoopThread
    private var opening: Task<Result<BusConnection, BusError>, Never>?
    private var isClosed = false

    /// - Parameter loop: The thread on which the connections live; it must outlive them.
    public init(_ address: BusAddress = .system, on loop: LoopThread) {
        self.address = address
        self.loop = loop
    }

    /// An open connection. It may be lost at any moment: ask again for each thing that is done.
    ///
    /// - Throws: `BusError`: `.unavailable`, `.disconnected`, `.timedOut`, `.closed`.
    func connection() async throws(BusError) -> BusConnection {
        guard !self.isClosed else { throw .closed }
        if let opening {
            if case .success(let connection) = await opening.value, await connection.isOpen { return connection }
            // Somebody else may have seen the same and be faster.
            if self.opening == opening { self.opening = nil }
        }
        return try await self.current().value.get()
    }

    /// Ends the connection, for ever.
    public func close() async {
        self.isClosed = true
        guard let opening = self.opening else { return }
        self.opening = nil
        if case .success(let connection) = await opening.value { await connection.close() }
    }

    /// In a task of its own: whoever asked first may be cancelled, and others wait for the same.
    private func current() -> Task<Result<BusConnection, BusError>, Never> {
        if let opening { return opening }
        let (address, loop) = (self.address, self.loop)
        let task = Task { await Self.open(address, loop) }
        self.opening = task
        return task
    }

    private static func open(_ address: BusAddress, _ loop: LoopThread) async -> Result<BusConnection, BusError> {
        do throws(BusError) {
            return .success(try await BusConnection.open(address, on: loop))
        } catch {
            return .failure(error)
        }
    }
}
