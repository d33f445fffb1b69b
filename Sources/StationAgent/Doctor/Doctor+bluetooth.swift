import BLEProvision
import HostRadio

extension Doctor {
    /// The radio by which new devices are found: from the kernel without D-Bus, then `bluetoothd`, then known faults.
    func examineBluetooth(_ bus: DoctorBus) async -> [DoctorCheck] {
        let facts = BluetoothFacts(
            survey: ControllerSurvey.take(),
            block: RadioBlock(directory: "\(self.host.root)/sys/class/rfkill").state,
            daemon: await BluetoothDaemon.ask(bus),
            // Debian from 12 on, and before.
            isInstalled: ["/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd"]
                .contains { self.host.exists($0) },
            kernel: self.host.text("/proc/sys/kernel/osrelease").flatMap { KernelRelease($0) }
        )
        return facts.checks
    }
}
