import GRDB
public import StationCore

/// Who keeps being refused at the broker: kept so that `doctor`, another process, can tell.
extension StationHub {
    private static let refusedKey = "broker.refused"

    /// Keeps who is refused now.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func keep(_ refused: [RefusedLogins.Entry]) async throws(StoreError) {
        let list: JSONValue = .array(
            refused.map { entry in
                [
                    "who": .string(entry.who), "reason": .string(entry.reason.rawValue),
                    "count": .integer(Int64(entry.count)),
                ]
            }
        )
        try await self.commit("keeping who is refused") { db in
            try StationTable(db: db).set(Self.refusedKey, to: list, at: self.clock.wallTime)
            return ((), CommitEffects())
        }
    }

    /// Who was refused when that was last kept.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func keptRefusedLogins() async throws(StoreError) -> [RefusedLogins.Entry] {
        let kept = try await self.read("reading who is refused") { try StationTable(db: $0).setting(Self.refusedKey) }
        return (kept?.arrayValue ?? []).compactMap { json in
            guard let who = json["who"]?.stringValue, let count = json["count"]?.doubleValue,
                let reason = json["reason"]?.stringValue.flatMap(RefusedLogins.Reason.init)
            else { return nil }
            return RefusedLogins.Entry(who: who, reason: reason, count: Int(count))
        }
    }
}
