import CloudLink
import Glibc
import PollLoop
import StationCore

extension Doctor {
    /// Whether the cloud can be reached: its name, the connection, TLS, the WebSocket; `nil` without a cloud.
    func examineCloud(clock: any StationClock = SystemStationClock()) async -> DoctorCheck? {
        let section = self.setup.configuration.cloud
        guard let address = section.address else { return nil }
        let name = "cloud"
        var configuration = CloudLinkConfiguration(
            host: address.host, port: address.port, useTLS: address.usesTLS, caFile: section.caFile
        )
        do throws(ProxySetting.Fault) {
            if address.usesTLS {
                configuration.proxy = try ProxySetting.proxy(
                    toHost: address.host, port: address.port, environment: self.setup.surroundings.environment
                )
            }
        } catch {
            return .failed(name, "\(error)", remedy: "Correct it in /etc/station-agent/station-agent.env")
        }
        // A proxy looks the name up itself.
        if configuration.proxy == nil, let fault = await Self.lookUp(address.host) {
            return .failed(
                name, "the name \(address.host) is not found: \(fault)",
                remedy: "getent hosts \(address.host); correct CLOUD_HOST, or the name server: cat /etc/resolv.conf"
            )
        }
        switch await CloudProbe.run(configuration, clock: clock) {
        case nil: return .ok(name, "\(address) answers")
        case .certificate(let detail)?:
            return .failed(
                name, "\(address): its certificate is not accepted: \(detail)",
                remedy: "timedatectl; if the clock is right, correct CLOUD_CA_FILE or CLOUD_HOST"
            )
        case .some(let loss):
            return .failed(
                name, "\(loss)",
                remedy: "curl -v --max-time 10 \(address.usesTLS ? "https" : "http")://"
                    + "\(Authority.bracketed(address.host)):\(address.port)/"
            )
        }
    }

    /// Why a name is not found; `nil` when it is.
    private static func lookUp(_ host: String) async -> String? {
        do throws(LoopError) {
            return try await SystemThread.value(name: "doctor-name") {
                var hints = addrinfo()
                hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
                var found: UnsafeMutablePointer<addrinfo>?
                let code = getaddrinfo(host, nil, &hints, &found)
                if let found { freeaddrinfo(found) }
                return code == 0 ? nil : String(cString: gai_strerror(code))
            }
        } catch {
            return "\(error)"
        }
    }
}
