extension ProvisioningFault {
    /// What a failed GATT operation means for provisioning.
    init(_ error: GATTError) {
        let kind: Kind =
            switch error.kind {
            case .notFound, .notPermitted: .notOffered
            case .disconnected, .unavailable, .failed: .linkLost
            case .timedOut: .deviceSilent
            case .cancelled: .cancelled
            case .notAuthorized: .notAllowed
            case .invalidLength: .tooLong
            case .unlikely, .attribute: .refused
            }
        self.init(kind, detail: error.description)
    }
}
