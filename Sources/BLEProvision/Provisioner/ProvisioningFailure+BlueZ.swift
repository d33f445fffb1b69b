import StationCore

extension ProvisioningFailure {
    /// What a device did not take, for people.
    init(_ fault: ProvisioningFault) {
        self.init(
            code: fault.kind.rawValue, message: fault.description, detail: fault.detail.isEmpty ? nil : fault.detail
        )
    }

    /// Why there was no connection, for people.
    init(_ error: BlueZError) {
        let (code, message) = Self.words(for: error.cause)
        self.init(code: code, message: message, detail: error.detail)
    }

    /// The agent stops.
    static let stopped = ProvisioningFailure(
        code: "stopped", message: "The station was stopped while the device was being added. Add it again."
    )

    /// What was handed to the device could not be stored: it will not be let in.
    static let notStored = ProvisioningFailure(
        code: "store_unavailable",
        message:
            "The device was set up, but the station could not store that. See to the station's disk, and add it again."
    )

    /// The device joined the Wi-Fi and cannot be told of the station in this way.
    static func joinedOnly(next: String?) -> ProvisioningFailure {
        let place = next.map { " at \($0)" } ?? ""
        return ProvisioningFailure(
            code: Self.deviceDidNotAppear.code,
            message: "The device joined the Wi-Fi but did not come to the station. Set up MQTT on it\(place)."
        )
    }

    private static func words(for cause: BlueZError.Cause) -> (code: String, message: String) {
        switch cause {
        case .busy:
            ("bluetooth_busy", "Bluetooth is busy with something else. Try again in a minute.")
        case .linkAborted, .connectFailed, .timedOut, .notConnected, .failed, .alreadyDone:
            (
                "connection_failed",
                "The device could not be connected. Move it closer to the station, switch it off and on, and try again."
            )
        case .wrongBearer:
            (
                "wrong_bearer",
                "Bluetooth tried the classic way instead of Low Energy. “ControllerMode = le” in "
                    + "/etc/bluetooth/main.conf helps."
            )
        case .deviceGone:
            ("device_gone", "The device is not heard any more. Is it switched on, and close enough?")
        case .servicesNotResolved, .servicesMissing:
            (
                "services_missing",
                "The device was connected but did not offer what is needed to set it up. Switch it off and on, and try "
                    + "again."
            )
        case .busLost, .noBluetoothd:
            ("no_bluetoothd", "The Bluetooth service of the station (bluetoothd) is not running.")
        case .noAdapter: ("adapter_not_ready", "The station's Bluetooth adapter is missing or switched off.")
        case .blocked: ("adapter_blocked", "Bluetooth is held down by a switch (rfkill).")
        case .accessDenied: ("access_denied", "The station's user may not use Bluetooth. Look at D-Bus and polkit.")
        case .pairing: ("pairing_failed", "The device wants to be paired, which its set-up should not need.")
        case .attribute: ("refused", "The device refused.")
        case .cancelled: ("stopped", Self.stopped.message)
        }
    }
}
