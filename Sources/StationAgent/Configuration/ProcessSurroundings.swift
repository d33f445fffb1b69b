import FoundationEssentials
import Glibc

/// What a process finds around itself and the configuration depends on; tests make their own.
struct ProcessSurroundings: Sendable {
    var environment: [String: String]
    /// Without a domain.
    var hostName: String
    /// Whether standard error is a terminal that somebody looks at.
    var hasTerminal: Bool

    static func current() -> ProcessSurroundings {
        var name = [CChar](repeating: 0, count: 256)
        let known = gethostname(&name, name.count - 1) == 0
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let label = String(decoding: bytes, as: UTF8.self).split(separator: ".").first
        return ProcessSurroundings(
            environment: ProcessInfo.processInfo.environment,
            hostName: known ? label.map(String.init) ?? "localhost" : "localhost",
            hasTerminal: isatty(STDERR_FILENO) == 1)
    }

    /// The name under which multicast DNS shows this machine in the LAN.
    var localName: String { "\(self.hostName.lowercased()).local" }

    /// Whether the log goes to the journal rather than to somebody's eyes. A terminal inside a desktop session has the
    /// variables of systemd too, so the terminal decides.
    var prefersJSON: Bool { !self.hasTerminal }
}
