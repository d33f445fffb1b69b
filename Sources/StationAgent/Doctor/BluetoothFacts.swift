import BLEProvision
import HostRadio

/// What is known of the machine's Bluetooth, and what to think of it. Nothing of it fails: without a radio a station does
/// all but take up new devices over the air.
struct BluetoothFacts: Sendable {
    /// What provisioning is made for and tried with.
    private static let wantedVersion = BluetoothDaemon.Version(major: 5, minor: 55)

    var survey: ControllerSurvey
    var block: RadioBlock.State
    var daemon: BluetoothDaemon
    /// Whether the package with `bluetoothd` is there.
    var isInstalled: Bool
    var kernel: KernelRelease?

    var checks: [DoctorCheck] {
        guard let radio = self.radioCheck else { return [self.absence] }
        return [radio, self.daemonCheck] + (self.kernelCheck.map { [$0] } ?? [])
    }

    private var adapters: [BluetoothDaemon.Adapter] {
        if case .running(_, let adapters) = self.daemon { adapters } else { [] }
    }

    private var controllers: [BluetoothController] {
        if case .controllers(let found) = self.survey { found } else { [] }
    }

    // MARK: The radio

    private var absence: DoctorCheck {
        let name = "bluetooth"
        switch self.survey {
        case .noBluetooth:
            return .warning(
                name, "this kernel has no Bluetooth: new devices cannot be added over the air",
                remedy: "sudo modprobe bluetooth; a kernel without that module must be replaced: "
                    + "Debian's “cloud” kernels are such"
            )
        case .failed(let detail):
            return .warning(
                name, "the kernel does not tell its Bluetooth controllers: \(detail)",
                remedy: "sudo station-agent doctor"
            )
        case .controllers:
            return .warning(
                name, "no controller: new devices cannot be added over the air",
                remedy: "Plug one in, or see why it is not there: sudo dmesg | grep -i bluetooth; on a Pi: "
                    + "grep disable-bt /boot/firmware/config.txt"
            )
        }
    }

    /// `nil` when there is no radio.
    private var radioCheck: DoctorCheck? {
        let name = "bluetooth"
        let words: [String]
        if self.controllers.isEmpty {
            // A container has no such sockets, yet may have the machine's D-Bus.
            words = self.adapters.map { "\($0.name) \($0.address), known to bluetoothd alone" }
        } else {
            words = self.controllers.map { "\($0.name) \($0.address) (\($0.wiring)), \($0.isUp ? "up" : "down")" }
        }
        guard !words.isEmpty else { return nil }
        let found = words.joined(separator: "; ")
        switch self.block {
        case .soft:
            return .warning(name, "\(found); held down by rfkill", remedy: "sudo rfkill unblock bluetooth")
        case .hard:
            return .warning(
                name, "\(found); held down by a switch of the machine",
                remedy: "Turn the switch, or look in the firmware's settings; then: rfkill list bluetooth"
            )
        case .none: break
        }
        // While bluetoothd is away it is not to be expected that anybody has powered it.
        let isOff = !self.adapters.isEmpty && !self.adapters.contains(where: \.isPowered)
        return isOff
            ? .warning(name, "\(found); switched off", remedy: "bluetoothctl power on") : .ok(name, found)
    }

    // MARK: What drives it

    private var daemonCheck: DoctorCheck {
        let name = "bluetoothd"
        switch self.daemon {
        case .stopped where !self.isInstalled:
            return .warning(
                name, "BlueZ is not installed, so the controller has no use", remedy: "sudo apt install bluez")
        case .stopped:
            return .warning(
                name, "not running, so the controller has no use", remedy: "sudo systemctl enable --now bluetooth"
            )
        case .unknown(let detail):
            return .warning(
                name, "D-Bus does not tell whether it runs: \(detail)",
                remedy: "sudo systemctl start dbus bluetooth; systemctl status dbus"
            )
        case .running(let version?, _) where version < Self.wantedVersion:
            return .warning(
                name, "BlueZ \(version) is older than \(Self.wantedVersion): connections may fail",
                remedy: "sudo apt update && sudo apt install bluez; Debian has a newer one from 11 on"
            )
        case .running(_, adapters: []):
            return .warning(
                name, "running, but it does not have the controller",
                remedy: "sudo systemctl restart bluetooth; journalctl -u bluetooth -n 20"
            )
        case .running(let version, _):
            return .ok(name, version.map { "BlueZ \($0)" } ?? "running")
        }
    }

    private var kernelCheck: DoctorCheck? {
        guard let kernel else { return nil }
        guard kernel.mayFailOnConnecting else { return .ok("kernel", "Linux \(kernel)") }
        return .warning(
            "kernel",
            "Linux \(kernel): a Bluetooth connection that times out may crash bluetoothd with this kernel, 6.12 is well",
            remedy: kernel.remedy
        )
    }
}
