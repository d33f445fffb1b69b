extension LoopThread {
    /// Watches a descriptor (level-triggered). Must be called on the loop, as all of this extension.
    ///
    /// The descriptor stays the caller's: unregister it before or directly after closing it. The handler is kept until
    /// then, with what it captures.
    ///
    /// - Throws: `LoopError.stopped`, or `.system` when the kernel refuses (already watched, not a pollable descriptor).
    public func register(
        _ descriptor: Int32,
        for interest: Interest,
        handler: @escaping @Sendable (DescriptorEvents) -> Void
    ) throws(LoopError) -> LoopRegistration {
        self.checkIsolated()
        return try self.reactor.register(descriptor, for: interest, handler: handler)
    }

    /// Changes what is listened for; costs a system call only when it differs.
    public func update(_ registration: LoopRegistration, to interest: Interest) throws(LoopError) {
        self.checkIsolated()
        try self.reactor.update(registration, to: interest)
    }

    /// Ends the watch: the handler is not called again, not even for events already fetched.
    public func unregister(_ registration: LoopRegistration) {
        self.checkIsolated()
        self.reactor.unregister(registration)
    }
}
