import StationCore
import WebFetch

/// The running daemon's own word, over loopback.
struct AgentDoor: Sendable {
    private static let limit = 1 << 20
    private static let timeout = Duration.seconds(5)

    let http: HTTPSection

    /// Where it may answer, the likeliest first: the socket of systemd has a port of its own.
    var addresses: [String] {
        if let tls = self.http.tls, !tls.certFile.isEmpty { return [self.http.publicURL()] }
        let host = ["0.0.0.0", "::", "*"].contains(self.http.host) ? "127.0.0.1" : Authority.bracketed(self.http.host)
        return [self.http.port, 80].filter { $0 != 0 }.map { "http://\(host):\($0)" }
    }

    /// What it says to a path.
    ///
    /// - Throws: `WebFetchError` of the first address: nobody answers at any.
    func fetch(_ path: String) async throws(WebFetchError) -> [UInt8] {
        var fault: WebFetchError?
        for address in self.addresses {
            do throws(WebFetchError) {
                return try await WebFetch(
                    url: address + path, caFile: self.http.tls?.certFile, limit: Self.limit, timeout: Self.timeout,
                    usesProxy: false
                ).run()
            } catch {
                if case .status = error { throw error }
                fault = fault ?? error
            }
        }
        throw fault ?? .failed("its port is not known")
    }
}

extension Doctor {
    /// What the running daemon thinks of itself; `nil` when none runs.
    func examineAgent() async -> DoctorCheck? {
        guard self.isAgentRunning else { return nil }
        let name = "agent"
        let door = AgentDoor(http: self.setup.configuration.http)
        do {
            return Self.check(health: try JSONValue.parse(try await door.fetch("/api/health")))
        } catch WebFetchError.status(503) {
            return .failed(
                name, "it cannot use its store",
                remedy: "journalctl -u station-agent -n 50; the check “store” says more"
            )
        } catch {
            return .warning(
                name, "it runs, but does not answer at \(door.addresses.joined(separator: " or ")): \(error)",
                remedy: "journalctl -u station-agent -n 50; sudo systemctl restart station-agent"
            )
        }
    }

    static func check(health: JSONValue) -> DoctorCheck {
        let name = "agent"
        let version = health["version"]?.stringValue ?? "of unknown version"
        let faults = (health["checks"]?.objectValue?.members ?? []).compactMap { check -> String? in
            guard check.value["status"]?.stringValue == "degraded" else { return nil }
            return "\(check.key): \(check.value["detail"]?.stringValue ?? "degraded")"
        }
        guard faults.isEmpty else {
            return .warning(
                name, "\(version) runs, but says: \(faults.joined(separator: "; "))",
                remedy: "The checks of the same names say what to do; journalctl -u station-agent -n 50"
            )
        }
        return version == AgentVersion.text
            ? .ok(name, "\(version) runs and is well")
            : .warning(
                name, "\(version) runs, but \(AgentVersion.text) is installed",
                remedy: "sudo systemctl restart station-agent"
            )
    }
}
