internal import CMosquitto
internal import Glibc
internal import StationCore

/// One libmosquitto client, used for one connection and then destroyed.
///
/// `@unchecked Sendable` because of the C pointer and its events: a handle is made on the dialling thread, handed over
/// once and then used on the loop's thread alone.
final class MosquittoHandle: @unchecked Sendable {
    private let pointer: OpaquePointer
    let events: MosquittoEvents
    /// Whether a call into the library is under way, so that the caller is one of its callbacks.
    private(set) var isBusy = false

    /// - Throws: `MQTTError.invalidOption`
    init(_ order: DialOrder) throws(MQTTError) {
        let options = order.options
        guard !options.clientID.isEmpty, let pointer = mosquitto_new(options.clientID, options.cleanSession, nil) else {
            throw .invalidOption("client id “\(options.clientID)” must be 1–65535 bytes")
        }
        self.pointer = pointer
        self.events = MosquittoEvents(maximumPayload: options.maximumPayload, onMessage: order.onMessage)
        // The library formats each line before it asks whether anybody listens: only worth it while TLS is agreed on.
        self.events.listen(to: pointer, withLog: order.endpoint.useTLS)
        try self.configure(order.endpoint, options)
    }

    deinit {
        mosquitto_destroy(self.pointer)
    }

    private func configure(_ endpoint: MQTTEndpoint, _ options: MQTTConnectionOptions) throws(MQTTError) {
        mosquitto_threaded_set(self.pointer, false)
        mosquitto_int_option(self.pointer, MOSQ_OPT_TCP_NODELAY, 1)
        mosquitto_max_inflight_messages_set(self.pointer, UInt32(options.maxInflight))
        if let username = options.username {
            let status = mosquitto_username_pw_set(self.pointer, username, options.password?.revealed)
            guard status == 0 else { throw .invalidOption("the user name is not acceptable") }
        }
        if let will = options.lastWill {
            let status = will.payload.withUnsafeBytes { bytes in
                mosquitto_will_set(
                    self.pointer, will.topic, Int32(clamping: bytes.count), bytes.baseAddress, Int32(will.qos.rawValue),
                    will.retain)
            }
            guard status == 0, !will.topic.utf8.contains(0) else { throw .invalidTopic(will.topic) }
        }
        guard endpoint.useTLS else { return }
        if let caFile = endpoint.caFile {
            guard mosquitto_tls_set(self.pointer, caFile, nil, nil, nil, nil) == 0 else {
                throw .tls(detail: "the CA file “\(caFile)” cannot be read")
            }
        } else {
            mosquitto_int_option(self.pointer, MOSQ_OPT_TLS_USE_OS_CERTS, 1)
        }
    }

    // MARK: - Calls. Each may run callbacks.

    /// Looks the name up and begins to connect; blocks for the former. `source` restricts the address family.
    func connect(_ endpoint: MQTTEndpoint, keepAlive: Duration, source: String?) -> MosquittoStatus {
        let seconds = Int32(min(max(5, keepAlive.components.seconds), 65_535))
        return self.call {
            mosquitto_connect_bind_async($0, endpoint.host, Int32(endpoint.port), seconds, source)
        }
    }

    /// Reads one packet, or as many as there are acknowledgements to come.
    func read() -> MosquittoStatus {
        self.call { mosquitto_loop_read($0, 1) }
    }

    /// Writes what is queued, as far as the socket takes it.
    func write() -> MosquittoStatus {
        self.call { mosquitto_loop_write($0, 1) }
    }

    /// Keep-alive; to be called about once a second.
    func upkeep() -> MosquittoStatus {
        self.call { mosquitto_loop_misc($0) }
    }

    /// Queues a message and, outside callbacks, writes what the socket takes.
    func publish(_ message: MQTTMessage) -> (status: MosquittoStatus, messageID: Int32) {
        var messageID: Int32 = 0
        let status = self.call { pointer in
            message.payload.withUnsafeBytes { bytes in
                mosquitto_publish(
                    pointer, &messageID, message.topic, Int32(bytes.count), bytes.baseAddress,
                    Int32(message.qos.rawValue), message.retain)
            }
        }
        return (status, messageID)
    }

    func subscribe(_ filters: [String], _ qos: MQTTQualityOfService) -> (status: MosquittoStatus, messageID: Int32) {
        var messageID: Int32 = 0
        let texts = filters.map { strdup($0) }
        defer { texts.forEach { free($0) } }
        let status = self.call {
            mosquitto_subscribe_multiple($0, &messageID, Int32(texts.count), texts, Int32(qos.rawValue), 0, nil)
        }
        return (status, messageID)
    }

    /// Queues a DISCONNECT; once it is written the library closes the socket.
    func disconnect() -> MosquittoStatus {
        self.call { mosquitto_disconnect($0) }
    }

    // MARK: - State

    /// nil when the library has closed it.
    var socket: Int32? {
        let descriptor = mosquitto_socket(self.pointer)
        return descriptor >= 0 ? descriptor : nil
    }

    var wantsToWrite: Bool { mosquitto_want_write(self.pointer) }

    /// What the library logged as errors, as one line.
    var loggedErrors: String { self.events.errorLines.joined(separator: "; ") }

    func stopLogging() {
        mosquitto_log_callback_set(self.pointer, nil)
    }

    /// The error of the socket, once: 0 when it is connected or still connecting.
    func takeSocketError() -> Int32 {
        guard let socket = self.socket else { return ECONNRESET }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    /// Whether the peer has closed and all it sent is read.
    var isPeerGone: Bool {
        guard let socket = self.socket else { return true }
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// Whether the kernel throws away what is not yet sent when the socket closes, instead of sending it some time
    /// later, when the line is whole again.
    func discardUnsent(_ isWanted: Bool) {
        guard let socket = self.socket else { return }
        var option = linger(l_onoff: isWanted ? 1 : 0, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// The library leaves that out.
    func closeOnExec() {
        guard let socket = self.socket else { return }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    }

    static func isTopic(_ text: String) -> Bool {
        !text.utf8.isEmpty && !text.utf8.contains(0) && mosquitto_pub_topic_check(text) == 0
    }

    static func isFilter(_ text: String) -> Bool {
        !text.utf8.isEmpty && !text.utf8.contains(0) && mosquitto_sub_topic_check(text) == 0
    }

    private func call(_ body: (OpaquePointer) -> Int32) -> MosquittoStatus {
        let outer = self.isBusy
        self.isBusy = true
        defer { self.isBusy = outer }
        errno = 0
        let code = body(self.pointer)
        return MosquittoStatus(code, systemError: errno)
    }
}
