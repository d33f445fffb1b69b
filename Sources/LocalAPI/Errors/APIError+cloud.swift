import HTTPTypes

/// Why something about the cloud is not done.
extension APIError {
    static let noCloud = APIError(
        .notFound, "cloud_not_configured", "This station has no cloud; CLOUD_HOST names one."
    )

    static let claimedAlready = APIError(
        .conflict, "cloud_claimed", "The station is claimed already; it can be claimed anew when that has been ended."
    )
}
