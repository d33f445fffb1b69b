import Foundation
import StationTestSupport

/// A web server in a process of its own; see web_server.py for what it has.
///
///     try await WebServer.run(isSecure: true) { server in … server.url("/ok") … server.caFile … }
final class WebServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "web_server.py")

    private let isSecure: Bool
    private let port: String
    private let directory: TemporaryDirectory

    private init(isSecure: Bool, port: String, directory: TemporaryDirectory) {
        self.isSecure = isSecure
        self.port = port
        self.directory = directory
    }

    /// Starts a server, runs `body` and stops the server, whatever happens.
    static func run<Result>(
        isSecure: Bool = false, isolation: isolated (any Actor)? = #isolation,
        _ body: (WebServer) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.run { directory in
            if isSecure {
                try Certificates.make("web", in: directory.url)
                try Certificates.make("other", in: directory.url)
            }
            let files = isSecure ? [directory.path("web.pem"), directory.path("web.key")] : []
            let child = try await ChildProcess(
                "/usr/bin/python3", [Self.script.path] + files, output: directory.url.appending(path: "web.log"))
            do {
                let server = WebServer(isSecure: isSecure, port: try await Self.port(of: child), directory: directory)
                let result = try await body(server)
                await child.kill9()
                return result
            } catch {
                await child.kill9()
                throw error
            }
        }
    }

    private static func port(of child: ChildProcess) async throws -> String {
        try await eventually("the web server listens") {
            if let code = child.exitCode {
                throw Failure(description: "the web server ended with \(code): \(child.output)")
            }
            return child.output.contains("listening") && child.output.hasSuffix("\n")
        }
        return String(child.output.split(separator: "\n")[0].split(separator: " ")[1])
    }

    /// The authority that signed the server's certificate.
    var caFile: String { self.directory.path("web-ca.pem") }
    /// An authority that has nothing to do with it.
    var otherCAFile: String { self.directory.path("other-ca.pem") }

    func url(_ path: String, host: String = "127.0.0.1") -> String {
        "\(self.isSecure ? "https" : "http")://\(host):\(self.port)\(path)"
    }
}
