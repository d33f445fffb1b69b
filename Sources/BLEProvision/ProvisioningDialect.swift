public import StationCore

/// One way in which factory-new devices are recognised and provisioned; pure over a link, it knows no BlueZ.
public protocol ProvisioningDialect: Sendable {
    var name: ProvisioningDialectName { get }

    /// What its devices advertise, for the filter of a scan.
    var services: Set<GATTUUID> { get }

    /// Whether its devices can be told by their name alone, so that a filter by service would miss some.
    var isToldByName: Bool { get }

    /// What the advertisement says of a device of this dialect; `nil` for any other.
    func recognise(_ advertisement: Advertisement) -> CandidateTraits?

    /// Hands the device its credentials and place over a link that is connected and resolved.
    ///
    /// - Parameter progress: Told of every step as it begins.
    /// - Throws: The fault; nothing of the order's secrets is in it.
    func provision(
        over link: some GATTLink, with order: ProvisioningOrder,
        progress: @escaping @Sendable (DialectProgress) -> Void
    ) async throws(ProvisioningFault) -> ProvisioningOutcome

    /// Lets the device show itself (blink, beep).
    ///
    /// - Returns: `false` where dialect or device cannot.
    func identify(over link: some GATTLink) async throws(ProvisioningFault) -> Bool
}
