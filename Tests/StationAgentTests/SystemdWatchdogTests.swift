import Foundation
import Logging
import ServiceLifecycle
import StationTestSupport
import Synchronization
import Testing

@testable import StationAgent

@Suite("The watchdog")
struct SystemdWatchdogTests {
    private struct Silence: Error {}

    /// A part of the agent whose health the test decides.
    private final class Part: Sendable {
        enum Mood { case well, failing, hanging }

        private let state = Mutex((mood: Mood.well, questions: 0))

        var questions: Int { self.state.withLock { $0.questions } }

        func turn(_ mood: Mood) { self.state.withLock { $0.mood = mood } }

        func answer() async throws {
            let mood = self.state.withLock { state in
                state.questions += 1
                return state.mood
            }
            switch mood {
            case .well: return
            case .failing: throw Silence()
            case .hanging:
                // Deaf to cancellation, as a thread that hangs in C would be, until the part is well again.
                while self.state.withLock({ $0.mood }) == .hanging { await Task.yield() }
            }
        }
    }

    private struct Scene {
        let socket: SystemdSocket
        let one = Part()
        let other = Part()
        let log = LogRecorder()

        func beats() -> Int { self.socket.received().count { $0 == "WATCHDOG=1" } }

        /// Waits until the healthy part was asked a few times more.
        func someRounds(_ part: Part) async throws {
            let questions = part.questions
            try await eventually("some more rounds") { part.questions >= questions + 4 }
        }
    }

    /// Runs a watchdog over two parts with a period of 10 ms, and stops it in good order.
    private func run(_ body: (Scene) async throws -> Void) async throws {
        let name = "@station-test-\(UUID().uuidString)"
        let scene = Scene(socket: try SystemdSocket(name: name))
        let watchdog = Watchdog(
            interval: .milliseconds(30),
            probes: [
                WatchdogProbe("one") { try await scene.one.answer() },
                WatchdogProbe("other") { try await scene.other.answer() },
            ],
            notifier: SystemdNotifier(socketName: name, logger: scene.log.logger), logger: scene.log.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [watchdog], logger: scene.log.logger))
        async let ended: Void = group.run()
        do {
            try await body(scene)
        } catch {
            scene.one.turn(.well)
            scene.other.turn(.well)
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        // Also with a probe that hangs: the service must not wait for it.
        try await ended
        scene.one.turn(.well)
        scene.other.turn(.well)
    }

    @Test("is fed again and again while every part answers")
    func fed() async throws {
        try await self.run { scene in
            try await eventually("five beats") { scene.beats() >= 5 }
            #expect(scene.log.lines().filter { $0.contains("watchdog") } == [])
        }
    }

    @Test("starves when a part hangs, even for ever, and is fed again when it answers", arguments: [true, false])
    func hanging(first: Bool) async throws {
        try await self.run { scene in
            let (ill, well) = first ? (scene.one, scene.other) : (scene.other, scene.one)
            try await eventually("a beat") { scene.beats() >= 1 }
            ill.turn(.hanging)
            // The question under way may still be answered, so one or two more beats are right.
            try await scene.someRounds(well)
            let questions = ill.questions
            let beats = scene.beats()
            try await scene.someRounds(well)
            #expect(scene.beats() == beats)
            #expect(ill.questions == questions, "a part that hangs is not asked again")
            let told = scene.log.lines().filter { $0.contains("the watchdog is not fed") }
            #expect(told.count == 1)
            #expect(told.first?.contains("silent=\(first ? "one" : "other")") == true)
            ill.turn(.well)
            try await eventually("beats again") { scene.beats() >= beats + 3 }
            #expect(scene.log.lines().contains { $0.contains("fed") && $0.contains("again") })
        }
    }

    @Test("starves when a part fails, which is logged once")
    func failing() async throws {
        try await self.run { scene in
            scene.other.turn(.failing)
            try await scene.someRounds(scene.one)
            let beats = scene.beats()
            try await scene.someRounds(scene.one)
            #expect(scene.beats() == beats)
            #expect(scene.log.lines().count { $0.contains("part=other") } == 1)
            scene.other.turn(.well)
            try await eventually("beats again") { scene.beats() > beats }
        }
    }

    @Test("stops in good order while a part hangs")
    func stop() async throws {
        try await self.run { scene in
            scene.one.turn(.hanging)
            try await scene.someRounds(scene.other)
        }
    }

    @Test("does nothing unless systemd watches, and does not end the group")
    func unwatched() async throws {
        let part = Part()
        let log = LogRecorder()
        let watchdog = Watchdog(
            interval: nil, probes: [WatchdogProbe("part") { try await part.answer() }],
            notifier: SystemdNotifier(socketName: nil, logger: log.logger), logger: log.logger)
        let ended = Mutex(false)
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [watchdog], logger: log.logger))
        async let running: Void = {
            try await group.run()
            ended.withLock { $0 = true }
        }()
        for _ in 0..<1_000 { await Task.yield() }
        #expect(!ended.withLock { $0 })
        await group.triggerGracefulShutdown()
        try await running
        #expect(part.questions == 0)
    }
}
