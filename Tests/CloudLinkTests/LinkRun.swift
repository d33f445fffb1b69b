import CloudLink
import StationCore
import StationTestSupport

/// A machine that is driven by hand, with all that it wants done.
struct LinkRun {
    static let begin = MonotonicInstant(sinceOrigin: .seconds(1_000))
    static let token = Secret("token-1")
    static let unclaimed = LinkCredentials(chipID: "chip", claimSecret: Secret("secret-1"), stationToken: nil)
    static let claimed = LinkCredentials(chipID: "chip", claimSecret: Secret("secret-2"), stationToken: Self.token)

    private(set) var machine: CloudLinkMachine
    private(set) var now = LinkRun.begin
    /// What the machine's one timer stands at.
    private(set) var timer: MonotonicInstant?
    private var chance: RepeatableRandom

    init(_ credentials: LinkCredentials? = nil, rules: LinkRules = LinkRules(), seed: UInt64 = 1) {
        self.machine = CloudLinkMachine(rules: rules)
        self.chance = RepeatableRandom(seed: seed)
        if let credentials { _ = self.tell(.start(credentials)) }
    }

    var state: LinkState { self.machine.state }

    /// How far away a point in time is.
    func after(_ duration: Duration) -> MonotonicInstant { self.now.advanced(by: duration) }

    /// The pause that the machine makes now; nil when it makes none.
    var pause: Duration? {
        if case .offline(let until) = self.state { self.now.duration(to: until) } else { nil }
    }

    /// Returns what is to be done, without timers.
    mutating func tell(_ inputs: LinkInput...) -> [LinkAction] {
        var actions: [LinkAction] = []
        for input in inputs { actions += self.machine.handle(input, at: self.now, using: &self.chance) }
        return self.withoutTimers(actions)
    }

    /// Lets time pass and tells it at the end, whether or not the machine's time has come.
    mutating func wait(_ duration: Duration) -> [LinkAction] {
        self.now = self.after(duration)
        return self.tell(.timer)
    }

    /// Goes to the machine's next time and tells it; nothing when there is none.
    mutating func goOn() -> [LinkAction] {
        guard let timer = self.timer else { return [] }
        self.now = max(self.now, timer)
        return self.tell(.timer)
    }

    /// Brings a machine that pauses or connects to an open connection.
    mutating func open() {
        if case .offline = self.state { _ = self.goOn() }
        _ = self.tell(.opened)
    }

    /// Brings a claimed machine to an authenticated link.
    mutating func authenticate() {
        self.open()
        _ = self.tell(.message(.authOK))
    }

    private mutating func withoutTimers(_ actions: [LinkAction]) -> [LinkAction] {
        var others: [LinkAction] = []
        for action in actions {
            if case .setTimer(let time) = action { self.timer = time } else { others.append(action) }
        }
        return others
    }
}
