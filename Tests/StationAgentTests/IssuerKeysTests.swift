import Accounts
import Foundation
import Logging
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("Keeping the issuer's keys fresh")
struct IssuerKeysTests {
    private static let stay = "the keys of the token issuer cannot be read; those that are known keep working"
    private static let none = "the keys of the token issuer cannot be read; its tokens are refused until they can"
    private static let read = "the keys of the token issuer were read"

    @Test("they are fetched at once and then every ten minutes")
    func periods() async throws {
        try await IssuerKeysScene.run { scene in
            try await scene.looked(1)
            let isKnown = await scene.knows("one")
            #expect(isKnown)
            scene.answers(.success(IssuerKeysScene.document("two")))
            scene.clock.advance(by: .seconds(599))
            #expect(scene.fetches == 1 && scene.clock.sleeperCount == 1)
            scene.clock.advance(by: .seconds(1))
            try await scene.looked(2)
            let isNewKnown = await scene.knows("two")
            let isOldKnown = await scene.knows("one")
            #expect(isNewKnown && !isOldKnown)
            // A fetch that brings nothing new to say is for the curious.
            #expect(scene.log.lines(Self.read).map(\.level) == [.notice, .debug])
        }
    }

    @Test("an unknown key makes it look again, at most once in 30 seconds")
    func unknownKey() async throws {
        try await IssuerKeysScene.run { scene in
            try await scene.looked(1)
            for name in ["two", "three", "four"] {
                let isKnown = await scene.knows(name)
                #expect(!isKnown)
            }
            try await eventually("it waits until it may look") { scene.clock.sleeperCount == 2 }
            scene.clock.advance(by: .milliseconds(29_999))
            #expect(scene.fetches == 1 && scene.clock.sleeperCount == 2)
            scene.answers(.success(IssuerKeysScene.document("two")))
            scene.clock.advance(by: .milliseconds(1))
            try await scene.looked(2)
            let isNewKnown = await scene.knows("two")
            #expect(isNewKnown)
            // Long after the last look it is done at once.
            scene.clock.advance(by: .seconds(60))
            let isKnown = await scene.knows("three")
            #expect(!isKnown)
            try await scene.looked(3)
        }
    }

    @Test("what fails is tried again after a second and then less and less often; known keys keep working")
    func failure() async throws {
        try await IssuerKeysScene.run { scene in
            try await scene.looked(1)
            scene.answers(.failure(.init(description: "the web server answered 503 rather than 200")))
            scene.clock.advance(by: .seconds(600))
            try await scene.looked(2)
            scene.clock.advance(by: .seconds(1))
            try await scene.looked(3)
            scene.clock.advance(by: .seconds(2))
            try await scene.looked(4)
            // The same trouble is told once.
            #expect(scene.log.lines(Self.stay).count == 1)
            scene.answers(.success(Array("<html>".utf8)))
            scene.clock.advance(by: .seconds(4))
            try await scene.looked(5)
            let lines = scene.log.lines(Self.stay)
            #expect(lines.count == 2 && lines.allSatisfy { $0.level == .warning })
            #expect(lines.first?.metadata["error"]?.contains("503") == true)
            #expect(lines.last?.metadata["error"]?.contains("not JSON") == true)
            let isKnown = await scene.knows("one")
            #expect(isKnown)
            scene.answers(.success(IssuerKeysScene.document("two")))
            scene.clock.advance(by: .seconds(8))
            try await scene.looked(6)
            let isNewKnown = await scene.knows("two")
            #expect(isNewKnown && scene.log.lines(Self.read).map(\.level) == [.notice, .notice])
            // The pauses begin anew.
            scene.answers(.failure(.init(description: "no network")))
            scene.clock.advance(by: .seconds(600))
            try await scene.looked(7)
            scene.clock.advance(by: .seconds(1))
            try await scene.looked(8)
        }
    }

    @Test("the pauses end at five minutes, and an unknown key shortens them to 30 seconds")
    func longFailure() async throws {
        try await IssuerKeysScene.run(.failure(.init(description: "no network"))) { scene in
            try await Self.fail(12, scene)
            #expect(scene.log.lines(Self.none).count == 1 && !scene.tokens.hasKeys)
            scene.clock.advance(by: .seconds(30))
            #expect(scene.clock.sleeperCount == 1)
            let isKnown = await scene.knows("one")
            #expect(!isKnown)
            try await scene.looked(13)
        }
    }

    private static func fail(_ times: Int, _ scene: IssuerKeysScene) async throws {
        for time in 1..<times {
            try await scene.looked(time)
            scene.clock.advance(by: .seconds(300))
        }
        try await scene.looked(times)
    }

    @Test("a file is read when it has changed, and only then")
    func file() async throws {
        try await TemporaryDirectory.run { directory in
            let url = directory.url.appending(path: "keys.json")
            try Data(IssuerKeysScene.document("one")).write(to: url, options: .atomic)
            try await IssuerKeysScene.run(file: url.path) { scene in
                try await scene.looked(1)
                scene.clock.advance(by: .seconds(30))
                try await Self.rested(scene)
                scene.clock.advance(by: .seconds(30))
                try await Self.rested(scene)
                #expect(scene.fetches == 1)
                try Data(IssuerKeysScene.document("two")).write(to: url, options: .atomic)
                scene.clock.advance(by: .seconds(30))
                try await scene.looked(2)
                let isNewKnown = await scene.knows("two")
                #expect(isNewKnown)
            }
        }
    }

    /// Waits until the service, just woken, has lain down again.
    private static func rested(_ scene: IssuerKeysScene) async throws {
        try await eventually("it rests") { scene.clock.sleeperCount == 1 }
    }

    @Test("a file that goes or is spoilt leaves its keys in force, and is looked at until it is good")
    func spoiltFile() async throws {
        try await TemporaryDirectory.run { directory in
            let url = directory.url.appending(path: "keys.json")
            try Data(IssuerKeysScene.document("one")).write(to: url, options: .atomic)
            try await IssuerKeysScene.run(file: url.path) { scene in
                try await scene.looked(1)
                try FileManager.default.removeItem(at: url)
                scene.clock.advance(by: .seconds(30))
                try await scene.looked(2)
                let line = scene.log.lines(Self.stay).last
                #expect(line?.metadata["error"]?.contains(url.path) == true)
                try Data("{}".utf8).write(to: url)
                scene.clock.advance(by: .seconds(1))
                try await scene.looked(3)
                let isKnown = await scene.knows("one")
                #expect(isKnown && scene.log.lines(Self.stay).count == 2)
                try Data(IssuerKeysScene.document("two")).write(to: url, options: .atomic)
                scene.clock.advance(by: .seconds(2))
                try await scene.looked(4)
                let isNewKnown = await scene.knows("two")
                #expect(isNewKnown)
            }
        }
    }

    @Test("without other means the source itself is read")
    func source() async throws {
        try await TemporaryDirectory.run { directory in
            let url = directory.url.appending(path: "keys.json")
            try Data(IssuerKeysScene.document("one")).write(to: url)
            let tokens = IssuerTokens(settings: IssuerSettings(issuer: IssuerKeysScene.issuer))
            let service = IssuerKeys(
                tokens: tokens, source: .file(url.path), clock: ManualClock(),
                logger: StationTestSupport.LogRecorder().logger)
            try await IssuerKeysScene.run(service) {
                try await eventually("the file has been read") { tokens.hasKeys }
            }
        }
    }

    @Test("a stop does not wait for an issuer that does not answer, and is no failure")
    func stop() async throws {
        let log = StationTestSupport.LogRecorder()
        let clock = ManualClock()
        let service = IssuerKeys(
            tokens: IssuerTokens(settings: IssuerSettings(issuer: IssuerKeysScene.issuer)),
            source: .url("https://issuer.example/keys"), clock: clock, logger: log.logger,
            fetch: {
                try await clock.sleep(for: .seconds(3600))
                return []
            })
        try await IssuerKeysScene.run(service) {
            try await eventually("it is being fetched") { clock.sleeperCount == 1 }
        }
        #expect(log.lines.isEmpty)
    }
}
