import StationCore
import StationData

/// What somebody says about a new device that is to be added.
struct ProvisioningWish: Sendable {
    static let maximumProofLength = 200

    let externalID: ExternalID
    let name: String?
    let zoneID: ZoneID?
    /// The name of a room.
    let location: String?
    let proofOfPossession: Secret?

    /// - Parameter readMore: Reads what else the body has.
    /// - Throws: `APIError.invalidFields`.
    init(_ body: inout BodyReader, _ readMore: (inout BodyReader) -> Void = { _ in }) throws(APIError) {
        let externalID = body.externalID("externalId", .required)
        self.name = body.name("name", .optional, maximumLength: StationHub.maximumNameLength)
        self.zoneID = body.identifier("zoneId", of: Zone.self, .optional)
        self.location = body.name("location", .optional, maximumLength: Zone.maximumNameLength)
        self.proofOfPossession = body.secret(
            "proofOfPossession", .optional, maximumLength: Self.maximumProofLength
        )
        if self.zoneID != nil, self.location != nil {
            body.refuse("location", "“location” and “zoneId” cannot both be given.")
        }
        readMore(&body)
        try body.finish()
        guard let externalID else { throw APIError.malformedQuery }
        self.externalID = externalID
    }
}
