import StationCore

/// One device to be provisioned, from the promise (202) to its result.
struct ProvisioningJob: Sendable {
    let request: ProvisioningRequest
    let candidate: ProvisioningCandidate
    let dialect: any ProvisioningDialect
    /// Its row, made before anything is written to it.
    let device: Device
    let token: Secret
    let ticket: Int

    var externalID: ExternalID { self.candidate.externalID }

    /// Whether the station knew it before; then its present token is good until the new one is confirmed.
    var isKnown: Bool { self.device.status != .provisioning }
}
