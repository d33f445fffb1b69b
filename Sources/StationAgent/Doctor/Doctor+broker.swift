import MQTTBridge
import MQTTTransport
import PollLoop
import StationCore
import StationData

extension Doctor {
    /// Whether the broker lets us in, confines devices, and whom it keeps refusing.
    func examineBroker(_ store: StoreExamination?) async -> [DoctorCheck] {
        let name = "broker"
        let broker = self.setup.configuration.mqtt
        do {
            // Without a file there is no password yet; a damaged one is the next start's to complain of.
            let secrets = try? SecretsFile(path: self.setup.configuration.data.secretsPath).load()
            let login = secrets.flatMap { self.setup.brokerLogin($0) }
            let loop = try LoopThread(name: "doctor")
            defer { loop.stop() }
            let probe = EnforcementProbe(endpoint: broker.endpoint, loop: loop, clock: SystemStationClock())
            let finding = try await probe.run(
                username: login?.username ?? broker.user, password: login?.password ?? broker.password
            )
            let refused = await self.examineRefused(store)
            return [.ok(name, "\(broker.endpoint) accepts us"), self.check(finding)] + (refused.map { [$0] } ?? [])
        } catch let error as MQTTError {
            let remedy =
                switch error {
                case .refused: "sudo systemctl start mosquitto, or correct MQTT_URL."
                case .rejected where broker.user == nil:
                    "sudo station-agent broker init && sudo systemctl restart mosquitto station-agent"
                case .rejected: "Correct MQTT_USER and MQTT_PASSWORD."
                case .tls: "Correct MQTT_CA_FILE, or the broker's certificate."
                default: "Correct MQTT_URL, or look at the broker: journalctl -u mosquitto"
                }
            return [.failed(name, error.description, remedy: remedy)]
        } catch {
            return [.failed(name, "\(error)", remedy: "Correct MQTT_URL.")]
        }
    }

    /// Whom the broker refuses again and again, as the running agent has noticed.
    private func examineRefused(_ store: StoreExamination?) async -> DoctorCheck? {
        // A store whose schema is older would be brought up to date under the daemon's feet.
        guard self.isAgentRunning, store?.isCurrent == true else { return nil }
        let refused: [RefusedLogins.Entry]
        do {
            let (hub, database) = try await self.setup.openHub()
            refused = try await hub.keptRefusedLogins()
            try database.close()
        } catch {
            // The check of the store says what is wrong with it.
            return nil
        }
        let name = "broker-refused"
        guard !refused.isEmpty else { return .ok(name, "nobody is refused again and again") }
        return .warning(
            name, refused.map(\.description).joined(separator: "; "),
            remedy: "For a device of this station: station-agent device token NAME, and provision it again."
        )
    }

    private func check(_ finding: EnforcementProbe.Finding) -> DoctorCheck {
        let name = "broker-access"
        let initialize = "sudo station-agent broker init && sudo systemctl restart mosquitto station-agent"
        switch finding {
        case .confined:
            return .ok(name, "a device that was made to try hears and says nothing but its own")
        case .confinedButOpen:
            return .warning(
                name, "devices are confined, but clients without credentials may act as any of them",
                remedy: "When no old firmware is left: MQTT_LEGACY_DEVICES=false, then \(initialize)"
            )
        case .notOffered(isOpen: true):
            return .failed(
                name, "the broker lets everybody in, and each may speak for every device", remedy: initialize
            )
        case .notOffered(isOpen: false):
            return .warning(
                name, "the broker itself decides who may do what; that cannot be tried from here",
                remedy: "For the station's own Mosquitto: \(initialize)"
            )
        case .leaky(let leaks):
            return .failed(
                name, "a device could \(leaks.joined(separator: ", "))",
                remedy: "Look for other rules in /etc/mosquitto (acl_file, other plugins); then \(initialize)"
            )
        case .blocked(let detail):
            return .failed(name, detail, remedy: initialize)
        }
    }
}
