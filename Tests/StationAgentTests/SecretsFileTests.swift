import Foundation
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The secrets file")
struct SecretsFileTests {
    private static let id = "0190a3c2-0000-4000-8000-000000000001"
    private static let key = String(repeating: "k", count: 43)

    @Test("is made at the first start and kept from then on")
    func firstStart() async throws {
        try await TemporaryDirectory.run { directory in
            let file = SecretsFile(path: directory.path("secrets.json"))
            #expect(try file.load() == nil)
            let made = try file.loadOrMake()
            #expect(UUID(uuidString: made.stationID.description) != nil)
            let urlSafe = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            for secret in [made.agentToken, made.jwtSecret] {
                #expect(secret.revealed.count == 43)
                #expect(secret.revealed.allSatisfy { urlSafe.contains($0) })
            }
            #expect(made.agentToken != made.jwtSecret)
            #expect(try file.loadOrMake() == made)
            #expect(try file.load() == made)
            #expect(try Self.mode(directory.path("secrets.json")) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["secrets.json"])
        }
    }

    @Test("two stations never get the same secrets")
    func different() async throws {
        try await TemporaryDirectory.run { directory in
            let one = try SecretsFile(path: directory.path("one")).loadOrMake()
            let other = try SecretsFile(path: directory.path("other")).loadOrMake()
            #expect(one.stationID != other.stationID)
            #expect(one.agentToken != other.agentToken)
            #expect(one.jwtSecret != other.jwtSecret)
        }
    }

    @Test("made by several at once, is the same for all of them")
    func race() async throws {
        try await TemporaryDirectory.run { directory in
            let file = SecretsFile(path: directory.path("secrets.json"))
            let all = try await withThrowingTaskGroup(of: StationSecrets.self) { group in
                for _ in 0..<16 { group.addTask { try file.loadOrMake() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(all.count == 16)
            #expect(all.allSatisfy { $0 == all[0] })
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["secrets.json"])
        }
    }

    @Test(
        "is refused when damaged, and left as it is",
        arguments: [
            ("", "is empty"),
            ("{\"stationId\":\"a\"", "ends too early"),
            ("[]", "it holds an array, not an object"),
            ("{}", "“stationId” is missing"),
            ("{\"stationId\":7}", "“stationId” is missing or not"),
            ("{\"stationId\":\"a/b\"}", "“stationId” is missing or not 1–64 characters"),
            ("{\"stationId\":\"\(id)\"}", "“agentToken” is missing"),
            ("{\"stationId\":\"\(id)\",\"agentToken\":\"\"}", "“agentToken” is missing or empty"),
            (
                "{\"stationId\":\"\(id)\",\"agentToken\":\"t\",\"jwtSecret\":\"short\"}",
                "“jwtSecret” is missing or shorter"
            ),
            ("{\"stationId\":\"\(id)\",\"stationId\":\"b\"}", "same key twice"),
            (String(repeating: " ", count: 70_000), "too large"),
        ])
    func damaged(content: String, part: String) async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("secrets.json")
            try Data(content.utf8).write(to: URL(filePath: path))
            do {
                _ = try SecretsFile(path: path).loadOrMake()
                Issue.record("the file was taken")
            } catch let error as StorageError {
                #expect(error.kind == .damaged)
                #expect(error.description.hasPrefix(path))
                #expect(error.description.contains(part), "\(error)")
                #expect(error.description.contains("backup"))
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
        }
    }

    @Test("is an error too when it cannot be read")
    func unreadable() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("secrets.json")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            do {
                _ = try SecretsFile(path: path).loadOrMake()
                Issue.record("a directory was read")
            } catch let error as StorageError {
                #expect(error.kind == .inputOutput)
                #expect(error.description.hasPrefix("\(path) cannot be read: Is a directory. "))
            }
        }
    }

    @Test("cannot be made where nothing can be written; the error says where")
    func unwritable() async throws {
        let error = #expect(throws: StorageError.self) {
            try SecretsFile(path: "/proc/self/secrets.json").loadOrMake()
        }
        #expect(error?.description.hasPrefix("/proc/self/secrets.json cannot be written: ") == true)
    }

    @Test("with members of a later version is read, and closed to others if it was open")
    func later() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("secrets.json")
            let text = """
                {"stationId":"\(Self.id)","mqttPassword":"x","agentToken":"token","jwtSecret":"\(Self.key)"}
                """
            try Data(text.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let secrets = try SecretsFile(path: path).loadOrMake()
            #expect(secrets.stationID.description == Self.id)
            #expect(secrets.agentToken.revealed == "token")
            #expect(secrets.jwtSecret.revealed == Self.key)
            #expect(try Self.mode(path) == 0o600)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
    }

    @Test("gives way to the configuration, value by value")
    func overridden() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let secrets = try SecretsFile(path: fixture.directory.path("secrets.json")).loadOrMake()
            #expect(secrets.overridden(by: try fixture.load()) == secrets)
            fixture.environment = ["STATION_ID": "mine", "AGENT_TOKEN": ""]
            let mixed = secrets.overridden(by: try fixture.load())
            #expect(mixed.stationID.description == "mine")
            #expect(mixed.agentToken.isEmpty)
            #expect(mixed.jwtSecret == secrets.jwtSecret)
            fixture.environment = ["JWT_SECRET": Self.key]
            #expect(secrets.overridden(by: try fixture.load()).jwtSecret.revealed == Self.key)
            // The store stays readable, also for a command that does not know the configured key.
            #expect(secrets.overridden(by: try fixture.load()).storeKey == secrets.jwtSecret)
        }
    }

    static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }
}
