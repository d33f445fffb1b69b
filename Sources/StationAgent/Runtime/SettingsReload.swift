import Logging
import ServiceLifecycle
import StationCore
import UnixSignals

/// Reads the configuration again on SIGHUP and takes over what can change while the station runs (contract 7).
struct SettingsReload: Service {
    let setup: AgentSetup
    let doors: APIDoors
    let policy: PolicyFile
    let wifi: StationWiFi
    let clock: any StationClock
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: [.sighup])
        for await _ in signals.cancelOnGracefulShutdown() {
            self.notifier.notify(.reloadingNow())
            self.reload()
            self.notifier.notify(.ready)
        }
    }

    private func reload() {
        do throws(ConfigurationErrors) {
            let configuration = try AgentConfiguration.load(
                file: self.setup.configurationFile, surroundings: self.setup.surroundings
            )
            self.setup.log.levels.level = configuration.log.level
            self.policy.look()
            self.wifi.reload(configuration.provisioning)
            self.doors.reload(configuration.http, at: self.clock.wallTime, logger: self.logger)
            self.logger.notice("the configuration was read again", metadata: ["logLevel": "\(configuration.log.level)"])
        } catch {
            self.logger.error("the configuration is faulty; the old one stays", metadata: ["error": "\(error)"])
        }
    }
}
