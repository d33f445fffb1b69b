extension ProvisioningFault {
    /// What a failed GATT operation means for provisioning.
    init(_ error: GATTError) {
        let kind: Kind =
            switch error.kind {
            case .notFound, .notPermitted: .notOffered
            // “Unlikely” is what BlueZ says of a request during which the link went.
            case .disconnected, .unavailable, .failed, .unlikely: .linkLost
            case .timedOut: .deviceSilent
            case .cancelled: .cancelled
            case .notAuthorized: .notAllowed
            case .invalidLength: .tooLong
            case .attribute: .refused
            }
        self.init(kind, detail: error.description)
    }
}
