internal import CMosquitto
internal import DequeModule
internal import Glibc
internal import PollLoop
internal import Synchronization

/// Begins connections on threads of its own, because looking up a name and reading CA files block. One thread for each
/// host name, so that one that takes long delays no other, and one for all hosts that are addresses; each exists while
/// there is something to dial. One dialler for the process: the library's initialisation is not thread-safe.
final class MosquittoDialler: Sendable {
    static let shared = MosquittoDialler()

    /// A connection under way, with the address families to try if this one fails.
    struct Dialled: Sendable {
        let handle: MosquittoHandle
        let rest: [DialOrder.Family]
    }

    typealias Completion = @Sendable (Result<Dialled, MQTTError>) -> Void

    private struct Work {
        let order: DialOrder
        /// nil: to be found out.
        let families: [DialOrder.Family]?
        let completion: Completion
    }

    /// With TLS the library takes these for a handshake that needs more time, and nobody sees them again.
    private static let refusals = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH]

    /// What waits, by thread; a key exists while its thread runs. As long as the number of callers of `open`, each of
    /// whom waits.
    private let queues = Mutex<[String: Deque<Work>]>([:])
    /// Whether a TLS connection was begun before: the first one initialises OpenSSL, and must be alone.
    private let isTLSInitialised = Mutex(false)

    private init() {
        mosquitto_lib_init()
    }

    /// Calls `completion` on a dialling thread.
    func dial(_ order: DialOrder, families: [DialOrder.Family]? = nil, completion: @escaping Completion) {
        let name = order.endpoint.isNumeric ? "" : order.endpoint.host
        let work = Work(order: order, families: families, completion: completion)
        let mustStart = self.queues.withLock { queues in
            let isNew = queues[name] == nil
            queues[name, default: []].append(work)
            return isNew
        }
        guard mustStart else { return }
        do {
            try SystemThread.detach(name: "mqtt-dial") { self.run(name) }
        } catch {
            let reason = "no thread to dial on: \(error)"
            for work in self.queues.withLock({ $0.removeValue(forKey: name) }) ?? [] {
                work.completion(.failure(.unreachable(endpoint: "\(work.order.endpoint)", detail: reason)))
            }
        }
    }

    private func run(_ name: String) {
        // Where it is refused each connection costs three descriptors instead of one, that is all.
        _ = station_refuse_socketpair()
        while let work = self.next(name) {
            guard !work.order.isCancelled else {
                work.completion(.failure(.cancelled))
                continue
            }
            do throws(MQTTError) {
                work.completion(.success(try self.begin(work.order, work.families)))
            } catch {
                work.completion(.failure(error))
            }
        }
    }

    private func next(_ name: String) -> Work? {
        self.queues.withLock { queues in
            let work = queues[name]?.popFirst()
            if work == nil { queues[name] = nil }
            return work
        }
    }

    /// Begins with the first family that does not fail at once.
    private func begin(_ order: DialOrder, _ known: [DialOrder.Family]?) throws(MQTTError) -> Dialled {
        let families: [DialOrder.Family]
        if let known { families = known } else { families = try Self.families(order.endpoint) }
        var failure = MQTTError.cancelled
        for (index, family) in families.enumerated() {
            let handle = try MosquittoHandle(order)
            let status = self.connect(handle, order, family)
            if order.endpoint.useTLS, status.isSuccess, Self.refusals.contains(status.systemError) {
                failure = MosquittoStatus.systemFailure(status.systemError, order.endpoint)
                continue
            }
            if status.isSuccess || status.code < 0, handle.socket != nil {
                return Dialled(handle: handle, rest: Array(families[(index + 1)...]))
            }
            failure = status.connectFailure(order.endpoint, detail: handle.loggedErrors)
        }
        throw failure
    }

    private func connect(_ handle: MosquittoHandle, _ order: DialOrder, _ family: DialOrder.Family) -> MosquittoStatus {
        let connect = {
            handle.connect(order.endpoint, keepAlive: order.options.keepAlive, source: family.source)
        }
        guard order.endpoint.useTLS, !self.isTLSInitialised.withLock({ $0 }) else { return connect() }
        return self.isTLSInitialised.withLock { isInitialised in
            let status = connect()
            isInitialised = isInitialised || handle.socket != nil
            return status
        }
    }

    /// The families under which the host is known, in the resolver's order of preference. The library takes the first
    /// address only; `localhost` is often first `::1`, where a broker need not listen.
    private static func families(_ endpoint: MQTTEndpoint) throws(MQTTError) -> [DialOrder.Family] {
        guard !endpoint.isNumeric else { return [.any] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, nil, &hints, &list)
        guard code == 0 else {
            let reason = String(cString: gai_strerror(code))
            throw .unreachable(
                endpoint: "\(endpoint)", detail: "the name “\(endpoint.host)” cannot be resolved: \(reason)")
        }
        defer { freeaddrinfo(list) }
        var families: [DialOrder.Family] = []
        var entry = list
        while let address = entry?.pointee {
            let family = address.ai_family == AF_INET6 ? DialOrder.Family.v6 : .v4
            if !families.contains(family) { families.append(family) }
            entry = address.ai_next
        }
        return families
    }
}
