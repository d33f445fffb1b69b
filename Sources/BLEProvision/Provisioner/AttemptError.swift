import StationCore

/// Why one try with a device came to nothing.
enum AttemptError: Error, Sendable, Hashable {
    /// Bluetooth did not get so far.
    case bluez(BlueZError)
    /// The dialect did not.
    case fault(ProvisioningFault)

    /// The same for the policy; `nil` where another try would end alike.
    var retryable: BlueZError? {
        switch self {
        case .bluez(let error): error
        case .fault(let fault):
            switch fault.kind {
            case .linkLost: BlueZError(.notConnected, fault.detail)
            case .deviceSilent: BlueZError(.timedOut, fault.detail)
            // BlueZ may show the services of the firmware before.
            case .notOffered: BlueZError(.servicesMissing, fault.detail)
            case .cancelled: BlueZError(.cancelled, fault.detail)
            default: nil
            }
        }
    }

    /// The link went, or no answer came: a value on its way may have arrived.
    var leavesDoubt: Bool {
        if case .fault(let fault) = self { fault.kind == .linkLost || fault.kind == .deviceSilent } else { false }
    }

    /// For people.
    var failure: ProvisioningFailure {
        switch self {
        case .bluez(let error): ProvisioningFailure(error)
        case .fault(let fault): ProvisioningFailure(fault)
        }
    }
}
