import StationCore
import Synchronization

/// The Wi-Fi network of the configuration, which new devices are told to join; it can change while the station runs.
final class StationWiFi: Sendable {
    private let network: Mutex<WiFiCredentials?>

    init(_ section: ProvisioningSection) {
        self.network = Mutex(section.wifi)
    }

    var credentials: WiFiCredentials? { self.network.withLock(\.self) }

    func reload(_ section: ProvisioningSection) {
        self.network.withLock { $0 = section.wifi }
    }
}

extension ProvisioningSection {
    /// `nil` without a name; an open network without a password.
    fileprivate var wifi: WiFiCredentials? {
        self.wifiSSID.map { WiFiCredentials(ssid: Array($0.utf8), password: self.wifiPassword ?? Secret("")) }
    }
}
