import StationCore

/// A claim that was entered before the station came.
struct ExpectedClaim {
    /// nil where any will do.
    let secret: Secret?
    let word: ClaimWord
}
