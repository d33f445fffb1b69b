import StationCore
import StationData

/// Carries a difference out, in pieces that let the broker do its other work in between.
///
/// The plugin writes its whole file at each command, and nothing else happens meanwhile: with a thousand devices that
/// takes some 20 ms. So as many commands go at once as take about `slice`, and the broker is left alone as long as it
/// was kept busy.
struct BrokerWork {
    private static let slice = Duration.milliseconds(25)
    private static let largestBatch = 60
    private static let firstBatch = 10

    let control: BrokerControl
    let purge: SessionPurge
    let clock: any StationClock
    /// What the broker has by now.
    private(set) var state: BrokerState
    private(set) var commandCount = 0
    /// The commands that the broker did not carry out, for people.
    private(set) var refusals: [String] = []
    private var batch = Self.firstBatch

    init(control: BrokerControl, purge: SessionPurge, clock: any StationClock, state: BrokerState) {
        self.control = control
        self.purge = purge
        self.clock = clock
        self.state = state
    }

    /// Shuts logins out for good.
    ///
    /// - Throws: `BrokerControlError`.
    mutating func remove(_ removals: [BrokerDifference.Removal]) async throws(BrokerControlError) {
        var rest = removals[...]
        while !rest.isEmpty {
            let some = rest.prefix(self.batch)
            rest = rest.dropFirst(self.batch)
            // Nobody who knew the old password is in from here on.
            let passwords = some.filter(\.needsPurge).map { ($0.username, OpaqueToken.make()) }
            try await self.send(passwords.map { .setPassword($0, $1) })
            for (username, password) in passwords { await self.purge.run(username, password) }
            try await self.send(some.map { .deleteClient($0.username) })
        }
    }

    /// Carries out steps in their order.
    ///
    /// - Returns: Who is let in as it should be now.
    /// - Throws: `BrokerControlError`.
    mutating func perform(_ steps: [BrokerDifference.Step]) async throws(BrokerControlError) -> [BrokerLogin] {
        var settled: [BrokerLogin] = []
        var rest = steps[...]
        while let first = rest.popFirst() {
            var group = [first]
            var count = first.commands.count
            while let next = rest.first, count + next.commands.count <= self.batch {
                group.append(next)
                count += next.commands.count
                rest = rest.dropFirst()
            }
            var done = try await self.send(group.flatMap(\.commands))[...]
            for step in group {
                if done.prefix(step.commands.count).allSatisfy({ $0 }) { settled += step.settled }
                done = done.dropFirst(step.commands.count)
            }
        }
        return settled
    }

    /// Sends commands in one message. Returns which of them took effect.
    @discardableResult
    private mutating func send(_ commands: [BrokerCommand]) async throws(BrokerControlError) -> [Bool] {
        guard !commands.isEmpty else { return [] }
        let begin = self.clock.now
        let answers = try await self.control.perform(commands)
        self.commandCount += commands.count
        var done: [Bool] = []
        for (command, answer) in zip(commands, answers) {
            let isDone = answer.isAsWanted(by: command)
            if isDone {
                self.state.apply(command)
            } else {
                self.refusals.append("\(command.name): \(answer.refusal ?? "")")
            }
            done.append(isDone)
        }
        let taken = begin.duration(to: self.clock.now)
        let each = max(taken / commands.count, .microseconds(1))
        self.batch = min(max(Int(Self.slice / each), 1), Self.largestBatch)
        // Cancellation ends the next command.
        if taken > .milliseconds(5) { await self.clock.pause(for: taken) }
        return done
    }
}
