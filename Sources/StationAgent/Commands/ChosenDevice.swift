import ArgumentParser
import StationCore
import StationData

/// The device that a command is about, by what people have at hand.
struct ChosenDevice: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Its id or external id.")
    var device: String

    /// Opens the station's store and finds the device.
    ///
    /// - Throws: An exit code, after having said what is wrong, also that there is no such device.
    func withDevice(_ body: (StationHub, Device) async throws -> Void) async throws {
        try await self.options.withHub { hub in
            let device =
                DeviceID(self.device).flatMap { hub.device($0) }
                ?? ExternalID(self.device).flatMap { hub.device(named: $0) }
            guard let device else { throw StoreError.deviceNotFound(self.device) }
            try await body(hub, device)
        }
    }
}
