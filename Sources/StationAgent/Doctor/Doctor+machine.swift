import HostControl
import StationCore

extension Doctor {
    /// Below so much memory the kernel is about to end processes.
    private static let wantedMemory: Int64 = 64 << 20
    /// From here on a Pi slows itself down, in °C.
    private static let hottest = 80.0
    /// Of eMMC storage: this many tenths of its life may be used up.
    private static let wornTenths = 9

    /// The machine under the station: memory, heat, power, storage. What it does not tell is left out.
    func examineMachine() -> [DoctorCheck] {
        [self.examineMemory(), self.examineTemperature(), self.examinePower(), self.examineStorage()]
            .compactMap(\.self)
    }

    private var facts: HostFiles { HostFiles(root: self.host.root) }

    private func examineMemory() -> DoctorCheck? {
        let name = "memory"
        guard let memory = self.facts.memory else { return nil }
        let words = "\(memory.available >> 20) MiB free of \(memory.total >> 20)"
        guard memory.available >= Self.wantedMemory else {
            return .warning(name, "only \(words)", remedy: "See who has it: ps -eo rss,comm --sort=-rss | head")
        }
        return .ok(name, words)
    }

    private func examineTemperature() -> DoctorCheck? {
        let name = "temperature"
        guard let temperature = self.facts.temperature else { return nil }
        guard temperature < Self.hottest else {
            return .warning(
                name, "\(Int(temperature)) °C: the machine slows itself down",
                remedy: "Give it air or a heat sink; see who works: top -b -n 1 | head -15"
            )
        }
        return .ok(name, "\(Int(temperature)) °C")
    }

    private func examinePower() -> DoctorCheck? {
        if let throttling = self.facts.throttling { return throttling.check }
        // The kernels of Debian tell of the voltage alone.
        for sensor in self.host.names(in: "/sys/class/hwmon") {
            guard self.host.text("/sys/class/hwmon/\(sensor)/name") == "rpi_volt",
                let alarm = self.host.integer("/sys/class/hwmon/\(sensor)/in0_lcrit_alarm")
            else { continue }
            return HostThrottling(flags: alarm == 0 ? 0 : 1).check
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
