internal import CDBus
internal import PollLoop

/// One private connection of libdbus and its socket on the loop. libdbus says by its watches what it waits for; there
/// is one registration for all of them, since they share the socket. Its timeouts are not used: they belong to its own
/// pending calls, in place of which the connection keeps a table.
///
/// `@unchecked Sendable` because of the C pointer: it is made on the dialling thread, handed over once and then used on
/// the loop's thread alone.
final class BusSocket: @unchecked Sendable {
    private let pointer: OpaquePointer
    private var watches: [OpaquePointer] = []
    private var loop: LoopThread?
    private var handler: (@Sendable (DescriptorEvents) -> Void)?
    private var registration: LoopRegistration?
    private var registeredDescriptor: Int32 = -1

    private init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        dbus_connection_close(self.pointer)
        dbus_connection_unref(self.pointer)
    }

    /// Connects; may block. Authentication and Hello come later.
    static func dial(_ address: String) -> Result<BusSocket, BusError> {
        guard dbus_threads_init_default() != 0 else { return .failure(.unavailable(detail: "no memory")) }
        // The loop's threads have SIGPIPE blocked; the process's own way with it is not libdbus's business.
        dbus_connection_set_change_sigpipe(0)
        var error = DBusError()
        dbus_error_init(&error)
        defer { dbus_error_free(&error) }
        guard let pointer = dbus_connection_open_private(address, &error) else {
            let detail = error.message.map { String(cString: $0) } ?? "no reason given"
            return .failure(.unavailable(detail: detail))
        }
        dbus_connection_set_exit_on_disconnect(pointer, 0)
        dbus_connection_set_max_message_size(pointer, BusLimits.messageBytes)
        dbus_connection_set_max_message_unix_fds(pointer, BusLimits.descriptors)
        return .success(BusSocket(pointer))
    }

    /// From now on `handler` is called on the loop when the socket is ready; it is to call `handle`.
    func listen(
        on loop: LoopThread, handler: @escaping @Sendable (DescriptorEvents) -> Void
    ) throws(BusError) {
        self.loop = loop
        self.handler = handler
        let context = Unmanaged.passUnretained(self).toOpaque()
        let answer = dbus_connection_set_watch_functions(
            self.pointer, addWatch, removeWatch, toggleWatch, context, nil)
        guard answer != 0 else { throw .unavailable(detail: "no memory") }
        try self.updateInterest()
    }

    /// Ends it all: the descriptor is closed, nothing is called any more.
    func close() {
        dbus_connection_set_watch_functions(self.pointer, nil, nil, nil, nil, nil)
        self.watches = []
        self.unregister()
        self.handler = nil
        dbus_connection_close(self.pointer)
    }

    // MARK: - Traffic

    /// Reads and writes what the socket is ready for.
    func handle(_ readiness: DescriptorEvents) {
        if readiness.contains(.stopped) {
            self.registration = nil
            return
        }
        for watch in self.watches {
            // A watch may go while another is handled.
            guard self.watches.contains(watch), dbus_watch_get_enabled(watch) != 0 else { continue }
            let wanted = dbus_watch_get_flags(watch)
            var flags: UInt32 = 0
            if wanted & DBUS_WATCH_READABLE.rawValue != 0 {
                if readiness.contains(.readable) { flags |= DBUS_WATCH_READABLE.rawValue }
                if readiness.contains(.hungUp) { flags |= DBUS_WATCH_HANGUP.rawValue }
            } else {
                if readiness.contains(.writable) { flags |= DBUS_WATCH_WRITABLE.rawValue }
                // What the peer sent before it went is read first.
                if readiness.contains(.hungUp), !readiness.contains(.readable) {
                    flags |= DBUS_WATCH_HANGUP.rawValue
                }
            }
            // Without memory it does nothing, and is called again.
            if flags != 0 { dbus_watch_handle(watch, flags) }
        }
    }

    /// The next message that has come.
    func next() -> BusMessage? {
        dbus_connection_pop_message(self.pointer).map { BusMessage(owning: $0) }
    }

    /// Queues a message and writes what the socket takes; its serial.
    func send(_ message: BusMessage) throws(BusError) -> UInt32 {
        var serial: UInt32 = 0
        guard dbus_connection_send(self.pointer, message.pointer, &serial) != 0 else { throw BusMessage.noMemory }
        return serial
    }

    /// How much is queued.
    var outgoingBytes: Int { dbus_connection_get_outgoing_size(self.pointer) }

    var isConnected: Bool { dbus_connection_get_is_connected(self.pointer) != 0 }

    /// Whether there are messages to take, the last one of a broken connection among them.
    var hasMessages: Bool { dbus_connection_get_dispatch_status(self.pointer) == DBUS_DISPATCH_DATA_REMAINS }

    // MARK: - Watches

    /// To be called after each call into libdbus: has the loop listen for what the watches want.
    func updateInterest() throws(BusError) {
        guard let loop, let handler else { return }
        var wanted: UInt32 = 0
        var descriptor: Int32 = -1
        for watch in self.watches where dbus_watch_get_enabled(watch) != 0 {
            wanted |= dbus_watch_get_flags(watch)
            descriptor = dbus_watch_get_unix_fd(watch)
        }
        guard let interest = Self.interest(wanted) else { return self.unregister() }
        do throws(LoopError) {
            if let registration, descriptor == self.registeredDescriptor {
                try loop.update(registration, to: interest)
            } else {
                self.unregister()
                self.registration = try loop.register(descriptor, for: interest, handler: handler)
                self.registeredDescriptor = descriptor
            }
        } catch {
            throw .disconnected(detail: "\(error)")
        }
    }

    private static func interest(_ flags: UInt32) -> Interest? {
        let reads = flags & DBUS_WATCH_READABLE.rawValue != 0
        let writes = flags & DBUS_WATCH_WRITABLE.rawValue != 0
        return reads ? (writes ? .readWrite : .read) : (writes ? .write : nil)
    }

    private func unregister() {
        if let registration { self.loop?.unregister(registration) }
        self.registration = nil
    }

    fileprivate func add(_ watch: OpaquePointer) {
        self.watches.append(watch)
    }

    /// libdbus closes the descriptor next, when this was the last one.
    fileprivate func remove(_ watch: OpaquePointer) {
        self.watches.removeAll { $0 == watch }
        if self.watches.isEmpty { self.unregister() }
    }
}

private func addWatch(_ watch: OpaquePointer?, _ context: UnsafeMutableRawPointer?) -> dbus_bool_t {
    guard let watch, let context else { return 0 }
    Unmanaged<BusSocket>.fromOpaque(context).takeUnretainedValue().add(watch)
    return 1
}

private func removeWatch(_ watch: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    guard let watch, let context else { return }
    Unmanaged<BusSocket>.fromOpaque(context).takeUnretainedValue().remove(watch)
}

/// Nothing to do: after each call into libdbus all watches are looked at.
private func toggleWatch(_ watch: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {}
