import GRDB
public import StationCore

extension StationHub {
    /// The alerts of a place, newest first, with the number of all that match; open ones as their newest reading has
    /// left them.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func alerts(_ query: AlertQuery) async throws(StoreError) -> (alerts: [Alert], total: Int) {
        let (alerts, total) = try await self.read("reading alerts") { try AlertTable(db: $0).alerts(query) }
        return (alerts.map { self.current($0) }, total)
    }

    /// How many alerts are open, by place; places without any are left out.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func openAlertCounts() async throws(StoreError) -> [PlaceID: Int] {
        try await self.read("counting alerts") { try AlertTable(db: $0).openCounts() }
    }

    /// Ends an alert by hand. While its value is still beyond the limit, the next reading opens another.
    ///
    /// - Throws: `StoreError.notFound` for one that is not in this place, or has ended already; `.unavailable`.
    public func resolveAlert(_ id: AlertID, in placeID: PlaceID) async throws(StoreError) -> Alert {
        try await self.commit("ending an alert") { db in
            guard let stored = try AlertTable(db: db).alert(id), stored.placeID == placeID, stored.isOpen else {
                throw StoreError.notFound(.alert, id: id.description)
            }
            let time = self.clock.wallTime
            let effects = try self.end([stored], at: time, in: db)
            return (self.current(stored, resolvedAt: time), effects)
        }
    }
}
