import StationCore

extension HostThrottling {
    /// What it means for the station, and what to do about it.
    var check: DoctorCheck {
        let name = "power"
        let supply = "Use the Pi's own power supply and a short cable; then: vcgencmd get_throttled"
        let cooling = "Give it air or a heat sink; then: vcgencmd measure_temp"
        if self.now.contains(.underVoltage) {
            return .failed(name, "the voltage is too low now: storage and radio may fail", remedy: supply)
        }
        if !self.now.isEmpty {
            return .warning(name, "the processor is slowed down now, as it is too hot", remedy: cooling)
        }
        if self.sinceStart.contains(.underVoltage) {
            return .warning(name, "the voltage has been too low since the machine was started", remedy: supply)
        }
        if self.sinceStart.contains(.throttled) {
            return .warning(name, "the processor has been slowed down since the machine was started", remedy: cooling)
        }
        return .ok(name, "the supply holds its voltage")
    }
}
