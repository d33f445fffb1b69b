import StationCore
import StationTestSupport

@testable import BLEProvision

/// An ESP32 with ESP-IDF's provisioning manager, as far as a provisioner can tell.
final class EspressifDevice: GATTLink {
    struct State: Sendable {
        var version: String
        var protection: any EspressifProtection
        var answer: [UInt8] = []
        /// What the status will be, one after the other; the last one stays.
        var attempts: [EspressifWiFi.Attempt] = [.connected]
        var networks: [String] = []
        var wifi: ProtobufMessage?
        var isApplied = false
        var resets = 0
        var sessions = 0
        /// An endpoint whose next write loses the link.
        var dropsAt: EspressifEndpoint?
        var isGone = false
    }

    enum Naming: Sendable {
        case described, short, nothing
    }

    let state: Locked<State>
    private let naming: Naming
    private let endpoints: [EspressifEndpoint]

    init(
        _ version: String, _ protection: any EspressifProtection, naming: Naming = .described,
        endpoints: [EspressifEndpoint] = EspressifEndpoint.allCases
    ) {
        self.state = Locked(State(version: version, protection: protection))
        self.naming = naming
        self.endpoints = endpoints
    }

    private func uuid(of endpoint: EspressifEndpoint) -> GATTUUID {
        let number = UInt16(endpoint.shortUUID, radix: 16) ?? 0
        return self.naming == .short ? GATTUUID(short: number) : GATTUUID(short: number &- 0x1000)
    }

    // MARK: - Link

    func characteristics() async -> [GATTCharacteristic] {
        self.endpoints.map {
            GATTCharacteristic(service: GATTUUID(short: 0xFFFF), uuid: self.uuid(of: $0), flags: [.read, .write])
        }
    }

    func userDescription(of uuid: GATTUUID) async throws(GATTError) -> [UInt8]? {
        guard self.naming == .described else { return nil }
        return self.endpoints.first { self.uuid(of: $0) == uuid }.map { Array($0.rawValue.utf8) }
    }

    func read(_ uuid: GATTUUID) async throws(GATTError) -> [UInt8] {
        let state = self.state.value
        if state.isGone { throw GATTError(.disconnected) }
        return state.answer
    }

    func write(_ uuid: GATTUUID, _ value: [UInt8], withResponse: Bool) async throws(GATTError) {
        guard let endpoint = self.endpoints.first(where: { self.uuid(of: $0) == uuid }) else {
            throw GATTError(.notFound)
        }
        let isTaken = self.state.withLock { state -> Bool in
            if state.isGone { return false }
            if state.dropsAt == endpoint {
                state.isGone = true
                return false
            }
            guard let answer = Self.answer(endpoint, value, &state) else {
                // protocomm hangs up on what it does not like.
                state.isGone = true
                return false
            }
            state.answer = answer
            return true
        }
        if !isTaken { throw GATTError(.disconnected, detail: "killed connection") }
    }

    func notifications(of uuid: GATTUUID) async throws(GATTError) -> AsyncStream<[UInt8]> {
        throw GATTError(.notPermitted)
    }

    // MARK: - Endpoints

    private static func answer(_ endpoint: EspressifEndpoint, _ bytes: [UInt8], _ state: inout State) -> [UInt8]? {
        switch endpoint {
        case .version: return Array(state.version.utf8)
        case .session:
            state.sessions += 1
            return state.protection.session(bytes)
        case .config, .scan, .control:
            guard let plain = state.protection.open(bytes), let message = try? ProtobufMessage(plain) else {
                return nil
            }
            let answer =
                switch endpoint {
                case .config: Self.config(message, &state)
                case .scan: Self.scan(message, state)
                default: Self.control(&state)
                }
            return answer.flatMap { state.protection.seal($0) }
        }
    }

    private static func config(_ message: ProtobufMessage, _ state: inout State) -> [UInt8]? {
        switch message.number(1) {
        case 2:
            state.wifi = try? message.message(12)
            return Self.envelope(3, 13, [])
        case 4:
            state.isApplied = state.wifi != nil
            return Self.envelope(5, 15, [])
        default:
            guard state.isApplied, let attempt = state.attempts.first else { return nil }
            if state.attempts.count > 1 { state.attempts.removeFirst() }
            return Self.envelope(1, 11, Self.status(attempt))
        }
    }

    private static func status(_ attempt: EspressifWiFi.Attempt) -> [UInt8] {
        switch attempt {
        case .connected: [0x5A, 0x00]
        case .trying: [0x10, 0x01]
        case .wrongPassword: [0x10, 0x03, 0x50, 0x00]
        case .notFound: [0x10, 0x03, 0x50, 0x01]
        case .failed(let reason): [0x10, 0x03, 0x50, UInt8(clamping: reason)]
        }
    }

    private static func scan(_ message: ProtobufMessage, _ state: State) -> [UInt8]? {
        switch message.number(1) {
        case 0: return Self.envelope(1, 11, [])
        case 2: return Self.envelope(3, 13, [0x08, 0x01, 0x10, UInt8(clamping: state.networks.count)])
        default:
            guard let page = try? message.message(14) else { return nil }
            let start = Int(page.number(1))
            let names = state.networks[start..<min(start + Int(page.number(2)), state.networks.count)]
            let body = ProtobufWriter.message { writer in
                for name in names {
                    writer.put(1, ProtobufWriter.message { $0.put(1, Array(name.utf8)) })
                }
            }
            return Self.envelope(5, 15, body)
        }
    }

    private static func control(_ state: inout State) -> [UInt8]? {
        state.resets += 1
        state.wifi = nil
        state.isApplied = false
        return Self.envelope(2, 12, [])
    }

    private static func envelope(_ kind: UInt64, _ field: Int, _ body: [UInt8]) -> [UInt8] {
        ProtobufWriter.message { writer in
            writer.put(1, kind)
            writer.put(field, body)
        }
    }
}
