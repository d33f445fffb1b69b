import SystemBus

extension BlueZError {
    /// What a failed call over the bus means.
    init(_ error: BusError) {
        switch error {
        case .remote(let name, let message): self.init(name: name, message: message)
        case .timedOut(let what): self.init(.timedOut, what)
        case .cancelled: self.init(.cancelled, error.message)
        case .unavailable, .disconnected, .closed: self.init(.busLost, error.message)
        case .invalid, .tooLarge, .congested: self.init(.failed, error.message)
        }
    }
}

extension GATTError {
    /// What a failed operation of BlueZ means for a dialect.
    init(_ error: BlueZError) {
        switch error.cause {
        case .attribute(let code): self.init(attributeCode: code, detail: error.detail)
        case .timedOut: self.init(.timedOut, detail: error.detail)
        case .cancelled: self.init(.cancelled, detail: error.detail)
        case .notConnected, .linkAborted, .deviceGone: self.init(.disconnected, detail: error.detail)
        case .busLost, .noBluetoothd, .noAdapter, .blocked: self.init(.unavailable, detail: error.detail)
        case .accessDenied, .pairing: self.init(.notAuthorized, detail: error.detail)
        case .servicesMissing, .servicesNotResolved: self.init(.notFound, detail: error.detail)
        case .busy, .alreadyDone, .connectFailed, .wrongBearer, .failed: self.init(.failed, detail: error.detail)
        }
    }
}
