import Foundation
import StationCore
import Synchronization

/// A real SMTP server (aiosmtpd) on an own loopback port; stopped when the test drops it.
///
///     try await SMTPServerProcess.run(.init(security: .startTLS)) { server in
///         … server.port … server.caFile … try server.received …
///     }
public final class SMTPServerProcess: Sendable {
    public enum Security: String, Sendable, CaseIterable {
        case plain, startTLS, implicitTLS
    }

    /// What becomes of a transaction.
    public enum Fault: String, Sendable {
        /// 550 to MAIL FROM.
        case refuseSender
        /// 550 to RCPT TO.
        case refuseRecipient
        /// 451 to RCPT TO.
        case greylist
        /// No answer to MAIL FROM.
        case hang
        /// 554 after the text.
        case refuseContent
        /// 452 after the text.
        case postponeContent
        /// The connection is reset after the text.
        case dropAfterData
        /// No answer after the text.
        case hangAfterData
        /// The mail is taken, and QUIT gets no answer.
        case hangAtQuit
    }

    public struct Setup: Sendable {
        public var security: Security
        /// What the certificate is made out to.
        public var certificateHost: String
        /// Who gets in; nil: anybody.
        public var user: String?
        public var password: String
        /// What becomes of the first transactions, in this order.
        public var faults: [Fault]

        public init(
            security: Security = .plain, certificateHost: String = "IP:127.0.0.1", user: String? = nil,
            password: String = "", faults: [Fault] = []
        ) {
            self.security = security
            self.certificateHost = certificateHost
            self.user = user
            self.password = password
            self.faults = faults
        }
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "smtp_server.py")

    /// The port, the same through all restarts.
    public let port: Int
    private let setup: Setup
    private let directory: TemporaryDirectory
    private let child = Mutex<ChildProcess?>(nil)

    private init(port: Int, setup: Setup, directory: TemporaryDirectory) {
        self.port = port
        self.setup = setup
        self.directory = directory
    }

    /// Starts a server, runs `body` and stops the server, whatever happens.
    ///
    /// - Parameter startsAtOnce: Whether it listens when `body` begins; else `start()` makes it.
    public static func run<Result>(
        _ setup: Setup = Setup(), startsAtOnce: Bool = true, isolation: isolated (any Actor)? = #isolation,
        _ body: (SMTPServerProcess) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.run { directory in
            if setup.security != .plain {
                try Certificates.make("mail", in: directory.url, host: setup.certificateHost)
                try Certificates.make("other", in: directory.url)
            }
            let server = try await LoopbackPort.tryUnused { port in
                let server = SMTPServerProcess(port: port, setup: setup, directory: directory)
                if startsAtOnce { try await server.start() }
                return server
            }
            do {
                let result = try await body(server)
                await server.stop()
                return result
            } catch {
                await server.stop()
                throw error
            }
        }
    }

    /// The authority that signed the server's certificate.
    public var caFile: String { self.directory.path("mail-ca.pem") }
    /// An authority that has nothing to do with it.
    public var otherCAFile: String { self.directory.path("other-ca.pem") }

    /// The mails whose text the server got to its end, whatever it answered; the oldest first.
    public var received: [ReceivedMail] {
        get throws {
            let path = self.directory.path("records")
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
                ReceivedMail(try JSONValue.parse(String(line)))
            }
        }
    }

    /// Starts the server and waits until it accepts connections.
    public func start() async throws {
        let settings: JSONValue = [
            "port": .integer(Int64(self.port)), "records": .string(self.directory.path("records")),
            "security": .string(self.setup.security.rawValue), "chain": .string(self.directory.path("mail.pem")),
            "key": .string(self.directory.path("mail.key")), "user": JSONValue(self.setup.user),
            "password": .string(self.setup.password),
            "faults": .array(self.setup.faults.map { .string($0.rawValue) }),
        ]
        let child = try await ChildProcess(
            "/usr/bin/python3", [Self.script.path, settings.description],
            output: self.directory.url.appending(path: "smtp.log")
        )
        self.child.withLock { $0 = child }
        try await eventually("the SMTP server listens on port \(self.port)") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(
                    description: "the SMTP server (python3-aiosmtpd) ended with \(code): \(child.output)")
            }
            return child.output.contains("listening")
        }
    }

    /// Stops the server and waits for its end; connections are cut.
    public func stop() async {
        await self.child.withLock { $0 }?.kill9()
    }
}
