/// The link to the cloud as people meet it on the station (contract 4, "Local view").
public protocol CloudLinking: Sendable {
    var status: CloudStatus { get }

    /// What a person has to show the cloud to claim the station; `nil` without a cloud and once it is claimed.
    var claimOffer: CloudClaimOffer? { get }

    /// Ends the cloud's hold on the station. Users, devices and history stay.
    ///
    /// - Throws: What the store throws; then the station is claimed as before.
    func unclaim() async throws
}

/// Where no cloud is configured.
public struct NoCloud: CloudLinking {
    public let status = CloudStatus(state: .off)
    public let claimOffer: CloudClaimOffer? = nil

    public init() {}

    public func unclaim() async throws {}
}
