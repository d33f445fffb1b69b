import SystemBus

/// What systemd tells of the agent's unit, and what to think of it.
struct ServiceFacts: Sendable {
    static let unit = "station-agent.service"
    /// So often a service may have been restarted without anybody having to look why.
    private static let harmlessRestarts = 2

    /// Of `org.freedesktop.systemd1.Unit`.
    let unit: [String: BusValue]
    /// Of `org.freedesktop.systemd1.Service`.
    let service: [String: BusValue]
    /// Whether a daemon is at work on this data directory, whoever started it.
    let isRunning: Bool

    /// `nil` where the agent is not installed as a service.
    var check: DoctorCheck? {
        let name = "service"
        guard self.unit["LoadState"]?.string == "loaded" else { return nil }
        let look = "journalctl -u station-agent -n 50"
        switch (self.unit["ActiveState"]?.string ?? "unknown", self.unit["SubState"]?.string ?? "") {
        case ("active", _): return self.active
        case ("activating", "auto-restart"), ("failed", _):
            return .failed(name, "it does not stay up: \(self.ending)", remedy: "\(look); sudo station-agent config")
        case ("inactive", _) where self.isRunning: return .ok(name, "not started, but another agent runs here")
        case ("inactive", _) where self.isTriggered: return .ok(name, "starts with the first request")
        case ("inactive", _):
            return .warning(name, "not started", remedy: "sudo systemctl enable --now station-agent")
        case (let state, _): return .ok(name, state)
        }
    }

    private var active: DoctorCheck {
        let name = "service"
        let restarts = self.service["NRestarts"]?.integer ?? 0
        if restarts > Self.harmlessRestarts {
            return .warning(
                name, "running, but systemd had to restart it \(restarts) times",
                remedy: "journalctl -u station-agent -p warning -n 100"
            )
        }
        let microseconds = self.service["WatchdogUSec"]?.integer ?? 0
        // “Infinity” does not fit into an integer.
        guard microseconds > 0 else {
            return .warning(
                name, "running, but no watchdog restarts it should it hang",
                remedy: "sudo systemctl edit station-agent, add “[Service]” and “WatchdogSec=30”; "
                    + "sudo systemctl restart station-agent"
            )
        }
        guard self.isTriggered || self.unit["UnitFileState"]?.string != "disabled" else {
            return .warning(
                name, "running, but not started with the machine", remedy: "sudo systemctl enable station-agent"
            )
        }
        return .ok(name, "running, with a watchdog of \(microseconds / 1_000_000) s")
    }

    private var isTriggered: Bool { self.unit["TriggeredBy"]?.strings?.isEmpty == false }

    private var ending: String {
        let result = self.service["Result"]?.string ?? "unknown"
        let code = self.service["ExecMainStatus"]?.integer ?? 0
        return result == "exit-code" ? "it ends with code \(code)" : result
    }
}

extension Doctor {
    /// How the agent's service is; `nil` without systemd, or where it is not installed.
    func examineService(_ bus: DoctorBus) async -> DoctorCheck? {
        guard self.host.exists("/run/systemd/system") else { return nil }
        let systemd = "org.freedesktop.systemd1"
        let call = BusCall(
            systemd, path: "/org/freedesktop/systemd1", interface: "\(systemd).Manager", member: "LoadUnit",
            arguments: [.string(ServiceFacts.unit)]
        )
        do throws(BusError) {
            guard let path = try await bus.call(call).first?.objectPath else { return nil }
            return ServiceFacts(
                unit: try await bus.properties(of: "\(systemd).Unit", service: systemd, path: path),
                service: try await bus.properties(of: "\(systemd).Service", service: systemd, path: path),
                isRunning: self.isAgentRunning
            ).check
        } catch {
            return .warning(
                "service", "systemd does not tell: \(error.message)", remedy: "systemctl status station-agent")
        }
    }
}
