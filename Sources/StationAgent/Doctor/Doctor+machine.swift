extension Doctor {
    /// Below so much memory the kernel is about to end processes.
    private static let wantedMemoryKibibytes = 65_536
    /// From here on a Pi slows itself down, in thousandths of a degree.
    private static let hottest = 80_000
    /// Of eMMC storage: this many tenths of its life may be used up.
    private static let wornTenths = 9

    /// The machine under the station: memory, heat, power, storage. What it does not tell is left out.
    func examineMachine() -> [DoctorCheck] {
        [self.examineMemory(), self.examineTemperature(), self.examinePower(), self.examineStorage()]
            .compactMap(\.self)
    }

    private func examineMemory() -> DoctorCheck? {
        let name = "memory"
        let fields = self.memoryFields
        guard let total = fields["MemTotal"], let available = fields["MemAvailable"] else { return nil }
        let words = "\(available >> 10) MiB free of \(total >> 10)"
        guard available >= Self.wantedMemoryKibibytes else {
            return .warning(name, "only \(words)", remedy: "See who has it: ps -eo rss,comm --sort=-rss | head")
        }
        return .ok(name, words)
    }

    /// `/proc/meminfo`, in KiB.
    private var memoryFields: [String: Int] {
        var fields: [String: Int] = [:]
        for line in (self.host.text("/proc/meminfo") ?? "").split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " })
            if parts.count >= 2 { fields[String(parts[0])] = Int(parts[1]) }
        }
        return fields
    }

    private func examineTemperature() -> DoctorCheck? {
        let name = "temperature"
        let zones = self.host.names(in: "/sys/class/thermal").filter { $0.hasPrefix("thermal_zone") }
        guard let hottest = zones.compactMap({ self.host.integer("/sys/class/thermal/\($0)/temp") }).max() else {
            return nil
        }
        guard hottest < Self.hottest else {
            return .warning(
                name, "\(hottest / 1000) °C: the machine slows itself down",
                remedy: "Give it air or a heat sink; see who works: top -b -n 1 | head -15"
            )
        }
        return .ok(name, "\(hottest / 1000) °C")
    }

    private func examinePower() -> DoctorCheck? {
        if let text = self.host.text("/sys/devices/platform/soc/soc:firmware/get_throttled"),
            let flags = PowerFlags(hexadecimal: text)
        {
            return flags.check
        }
        // The kernels of Debian tell of the voltage alone.
        for sensor in self.host.names(in: "/sys/class/hwmon") {
            guard self.host.text("/sys/class/hwmon/\(sensor)/name") == "rpi_volt",
                let alarm = self.host.integer("/sys/class/hwmon/\(sensor)/in0_lcrit_alarm")
            else { continue }
            return (alarm == 0 ? PowerFlags() : .underVoltage).check
        }
        return nil
    }

    // MARK: Storage

    /// Faults that the file systems have noted, and how worn the storage is where it says so: SD cards do not.
    private func examineStorage() -> DoctorCheck? {
        let name = "storage"
        let systems = self.host.names(in: "/sys/fs/ext4").filter {
            self.host.exists("/sys/fs/ext4/\($0)/errors_count")
        }
        for system in systems {
            guard let count = self.host.integer("/sys/fs/ext4/\(system)/errors_count"), count > 0 else { continue }
            return .warning(
                name, "\(system): the file system has noted \(count) faults",
                remedy: "station-agent backup FILE; then check it: sudo touch /forcefsck && sudo reboot; "
                    + "if they come back, replace the card"
            )
        }
        let worn = self.wornTenths
        if let (device, tenths) = worn, tenths >= Self.wornTenths {
            return .warning(
                name, "\(device) has used up \(min(tenths, 10) * 10) % of its life",
                remedy: "station-agent backup FILE, and replace it"
            )
        }
        var words = systems.compactMap { system in
            self.host.integer("/sys/fs/ext4/\(system)/lifetime_write_kbytes").map {
                "\(system) has taken \($0 >> 20) GiB of writes"
            }
        }
        if let (device, tenths) = worn { words.append("\(device) has used up \(tenths * 10) % of its life at most") }
        return words.isEmpty ? nil : .ok(name, words.joined(separator: "; "))
    }

    /// The most worn eMMC device, in tenths of its life; the kernel has 1 for the first tenth.
    private var wornTenths: (device: String, tenths: Int)? {
        let devices = self.host.names(in: "/sys/block").compactMap { device -> (device: String, tenths: Int)? in
            let text = self.host.text("/sys/block/\(device)/device/life_time") ?? ""
            let values = text.split(separator: " ").compactMap { word in
                word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : nil
            }
            // 0: the device does not say.
            guard let tenths = values.max(), tenths > 0 else { return nil }
            return (device, tenths)
        }
        return devices.max { $0.tenths < $1.tenths }
    }
}
