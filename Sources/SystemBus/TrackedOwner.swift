/// Who has a well-known name now; kept up to date while somebody wants signals by that name.
struct TrackedOwner {
    var uniqueName: String?
    var users = 0
}
