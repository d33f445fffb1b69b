/// What a Raspberry Pi's firmware tells of its power supply and its heat (`vcgencmd get_throttled`).
struct PowerFlags: Sendable, Hashable, OptionSet {
    let rawValue: Int

    static let underVoltage = PowerFlags(rawValue: 1 << 0)
    static let frequencyCapped = PowerFlags(rawValue: 1 << 1)
    static let throttled = PowerFlags(rawValue: 1 << 2)
    static let softTemperatureLimit = PowerFlags(rawValue: 1 << 3)
    /// The same since the start of the machine are 16 bits higher.
    static let underVoltageOccurred = PowerFlags(rawValue: 1 << 16)
    static let throttledOccurred = PowerFlags(rawValue: 1 << 18)

    /// What the kernels of Raspberry Pi OS have in sysfs, such as `50005`.
    init?(hexadecimal text: String) {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard let value = Int(digits, radix: 16) else { return nil }
        self.init(rawValue: value)
    }

    init(rawValue: Int) {
        self.rawValue = rawValue
    }

    var check: DoctorCheck {
        let name = "power"
        let supply = "Use the Pi's own power supply and a short cable; then: vcgencmd get_throttled"
        let cooling = "Give it air or a heat sink; then: vcgencmd measure_temp"
        if self.contains(.underVoltage) {
            return .failed(name, "the voltage is too low now: storage and radio may fail", remedy: supply)
        }
        if self.contains(.throttled) || self.contains(.softTemperatureLimit) || self.contains(.frequencyCapped) {
            return .warning(name, "the processor is slowed down now, as it is too hot", remedy: cooling)
        }
        if self.contains(.underVoltageOccurred) {
            return .warning(name, "the voltage has been too low since the machine was started", remedy: supply)
        }
        if self.contains(.throttledOccurred) {
            return .warning(name, "the processor has been slowed down since the machine was started", remedy: cooling)
        }
        return .ok(name, "the supply holds its voltage")
    }
}
