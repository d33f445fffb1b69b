import HTTPTypes
import StationCore

/// Why a new device is not provisioned (contract 5, `POST /api/provisioning/add`).
extension APIError {
    static let noWiFi = APIError(
        .badRequest, "no_wifi_credentials",
        "The station does not know which Wi-Fi new devices are to join: give “wifi” here, or put it into the settings."
    )

    static let invalidSSID = APIError(
        .badRequest, "invalid_wifi_credentials", "“ssid” must have \(WiFiCredentials.ssidRule)."
    )

    static let invalidWiFiPassword = APIError(
        .badRequest, "invalid_wifi_credentials", "“password” must have \(WiFiCredentials.passwordRule)."
    )

    static func candidateNotFound(_ id: ExternalID) -> APIError {
        APIError(.notFound, "candidate_not_found", "There is no new device “\(id)” in sight.")
    }

    init(_ refusal: ProvisioningRefusal) {
        switch refusal {
        case .notPresent(let id): self = .candidateNotFound(id)
        case .underWay(let id):
            self.init(.conflict, "provisioning_under_way", "“\(id)” is being provisioned already, or waits its turn.")
        case .unavailable(let adapter): self.init(adapter)
        case .cannotIdentify(let id):
            self.init(.conflict, "cannot_identify", "“\(id)” has no way to show itself.")
        case .failed(let failure): self.init(.badGateway, failure.code, failure.message)
        case .store(let error): self.init(error)
        }
    }

    /// The code ends with the adapter's state.
    init(_ adapter: ProvisioningAdapter) {
        let message =
            switch adapter {
            case .ready: "Bluetooth is not ready."
            case .poweredOff: "Bluetooth is switched off on the station."
            case .absent: "The station has no Bluetooth adapter."
            case .noBluetoothd: "The station's Bluetooth service (bluetoothd) does not run."
            case .blocked: "Bluetooth is blocked on the station (rfkill)."
            }
        self.init(.serviceUnavailable, "adapter_\(adapter.rawValue)", message)
    }
}
