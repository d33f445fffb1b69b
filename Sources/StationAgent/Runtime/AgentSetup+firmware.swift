import Logging
import StationCore
import StationData

extension AgentSetup {
    /// The images of the devices. A directory that cannot be used costs the devices their updates and nothing else.
    func firmwareLibrary(hub: StationHub, clock: any StationClock) async -> FirmwareLibrary {
        let directory = FirmwareDirectory(path: self.configuration.data.firmwarePath)
        do throws(FirmwareError) {
            try await directory.prepare()
        } catch {
            self.log.logger("station.firmware").error("no firmware can be given", metadata: ["error": "\(error)"])
        }
        return FirmwareLibrary(hub: hub, directory: directory, clock: clock)
    }
}
