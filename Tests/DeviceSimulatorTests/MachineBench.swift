import DeviceSimulator
import StationCore

/// A machine with a clock that only moves when told to, and everything that it did.
struct MachineBench {
    var machine: VirtualDeviceMachine
    private(set) var now = MonotonicInstant(sinceOrigin: .seconds(1_000))

    init(
        _ type: VirtualDeviceType, kitTag: String? = nil, behaviour: DeviceBehaviour = .quiet, seed: UInt64 = 7
    ) throws {
        let profile = VirtualDeviceProfile(
            externalID: try Self.externalID("sim-1"), type: type, firmwareVersion: "0.1.32", chip: "esp32",
            kitTag: kitTag)
        self.machine = VirtualDeviceMachine(profile: profile, behaviour: behaviour, seed: seed)
    }

    struct NotAnExternalID: Error {}

    static func externalID(_ text: String) throws -> ExternalID {
        guard let id = ExternalID(text) else { throw NotAnExternalID() }
        return id
    }

    @discardableResult
    mutating func feed(_ input: DeviceInput) -> [DeviceAction] {
        self.machine.handle(input, at: self.now)
    }

    /// Plugged in and connected.
    @discardableResult
    mutating func connect() -> [DeviceAction] {
        self.feed(.pluggedIn) + self.feed(.connected)
    }

    /// Plugged in, connected and told `ok`.
    @discardableResult
    mutating func accept() -> [DeviceAction] {
        self.connect() + self.acknowledge("ok")
    }

    @discardableResult
    mutating func acknowledge(_ status: String) -> [DeviceAction] {
        self.feed(.message(suffix: "handshake/ack", payload: Array(#"{"status":"\#(status)"}"#.utf8)))
    }

    @discardableResult
    mutating func command(_ text: String) -> [DeviceAction] {
        self.feed(.message(suffix: "command", payload: Array(text.utf8)))
    }

    /// Lets time pass, waking the machine exactly when it wants to be.
    @discardableResult
    mutating func pass(_ duration: Duration) -> [DeviceAction] {
        let end = self.now.advanced(by: duration)
        var actions: [DeviceAction] = []
        while let wake = self.machine.nextWake, wake <= end {
            self.now = max(self.now, wake)
            actions += self.machine.handle(.wake, at: self.now)
        }
        self.now = end
        return actions
    }
}

extension [DeviceAction] {
    /// What was published, as `suffix payload`.
    var published: [String] {
        self.compactMap { action in
            guard case .publish(let publication) = action else { return nil }
            return "\(publication.suffix) \(String(decoding: publication.payload, as: UTF8.self))"
        }
    }

    /// The payloads on one suffix.
    func published(on suffix: String) -> [String] {
        self.published.filter { $0.hasPrefix(suffix + " ") }.map { String($0.dropFirst(suffix.count + 1)) }
    }

    var notices: [DeviceNotice] {
        self.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }
}
