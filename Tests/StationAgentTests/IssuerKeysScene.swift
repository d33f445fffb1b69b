import Accounts
import ServiceLifecycle
import StationCore
import StationTestSupport

@testable import StationAgent

/// The service that keeps the issuer's keys fresh, at work, with a clock and an issuer that only the test moves.
struct IssuerKeysScene {
    /// What the issuer's web server says.
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    static let issuer = "https://issuer.example/realms/home"

    let tokens = IssuerTokens(settings: IssuerSettings(issuer: Self.issuer))
    let clock = ManualClock()
    let log = StationTestSupport.LogRecorder()
    private let answer: Locked<Result<[UInt8], Trouble>>
    private let count = Locked(0)

    private init(_ answer: Result<[UInt8], Trouble>) {
        self.answer = Locked(answer)
    }

    /// How often somebody has asked for the keys.
    var fetches: Int { self.count.value }

    /// Lets the service work while `body` runs.
    ///
    /// - Parameter file: Where the keys are read from; `nil`: from the web, that is to say from `answers`.
    static func run(
        _ answer: Result<[UInt8], Trouble> = .success(Self.document("one")), file: String? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (IssuerKeysScene) async throws -> Void
    ) async throws {
        let scene = IssuerKeysScene(answer)
        let source = file.map(IssuerKeySource.file) ?? .url("https://issuer.example/keys")
        let service = IssuerKeys(
            tokens: scene.tokens, source: source, clock: scene.clock, logger: scene.log.logger,
            fetch: { try await scene.fetch(source) })
        try await Self.run(service) { try await body(scene) }
    }

    /// Runs a service until `body` has ended, and stops it as a stop of the station does.
    static func run(
        _ service: IssuerKeys, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
    ) async throws {
        let services = ServiceGroup(services: [service], logger: StationTestSupport.LogRecorder().logger)
        let work = Task { try await services.run() }
        do {
            try await body()
        } catch {
            work.cancel()
            _ = await work.result
            throw error
        }
        await services.triggerGracefulShutdown()
        try await work.value
    }

    private func fetch(_ source: IssuerKeySource) async throws -> [UInt8] {
        self.count.withLock { $0 += 1 }
        if case .file = source { return try await source.read() }
        return try self.answer.value.get()
    }

    /// From now on the issuer answers so.
    func answers(_ answer: Result<[UInt8], Trouble>) {
        self.answer.withLock { $0 = answer }
    }

    /// Waits until the service has looked so often and has lain down again.
    func looked(_ times: Int) async throws {
        try await eventually("\(times) looks") { self.fetches == times && self.clock.sleeperCount == 1 }
    }

    /// Whether a key of this name is in force. A name that is unknown rings.
    func knows(_ name: String) async -> Bool {
        let head = #"{"alg":"ES256","kid":"\#(name)"}"#
        let seconds = self.clock.wallTime.milliseconds / 1000
        let claims = #"{"iss":"\#(Self.issuer)","sub":"somebody","iat":\#(seconds),"exp":\#(seconds + 60)}"#
        let text =
            "\(Base64URLText.encode(head.utf8)).\(Base64URLText.encode(claims.utf8)).\(String(repeating: "A", count: 86))"
        do throws(IssuerTokenError) {
            _ = try await self.tokens.verify(Secret(text), at: self.clock.wallTime)
            return false
        } catch {
            return error == .badSignature
        }
    }

    /// A JWK Set with one key, the public half of RFC 7515, A.3.
    static func document(_ name: String) -> [UInt8] {
        let key: JSONValue = [
            "kty": "EC", "crv": "P-256", "kid": .string(name), "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        ]
        let document: JSONValue = ["keys": [key]]
        return document.serialized()
    }
}
