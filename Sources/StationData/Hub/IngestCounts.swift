/// What happened to reports that did not simply take effect; summed up for `/metrics`.
struct IngestCounts {
    /// From devices that the store does not know.
    var unknown = 0
    /// From devices that were removed.
    var revoked = 0
    /// State held back and merged because the device spoke too fast.
    var coalesced = 0
    /// Events and handshakes lost for the same reason.
    var rateLimited = 0
    /// Keys of a state that were too long or too many.
    var droppedKeys = 0
    /// Rows given up because the store takes nothing.
    var droppedRows = 0

    var isEmpty: Bool {
        self.unknown == 0 && self.revoked == 0 && self.coalesced == 0 && self.rateLimited == 0
            && self.droppedKeys == 0 && self.droppedRows == 0
    }
}
