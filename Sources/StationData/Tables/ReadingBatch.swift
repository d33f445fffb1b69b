import GRDB

/// A part of the journal on its way to where the history is kept.
struct ReadingBatch {
    let id: Int64
    /// The number of the last reading of the journal that belongs to it.
    let journalLast: Int64

    init(_ row: Row) {
        self.id = row["id"]
        self.journalLast = row["journal_last"]
    }
}
