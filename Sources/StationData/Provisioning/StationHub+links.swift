import GRDB
import StationCore

/// To which devices there is a connection over Bluetooth: BlueZ keeps those of an agent that was killed, and says
/// `InProgress` for hours, until the next one ends them (contract 5).
extension StationHub {
    private static let linksKey = "provisioning.links"

    /// Puts on record that a device is about to be connected.
    ///
    /// - Parameter name: By which it will be found again: its D-Bus path, or its address.
    /// - Throws: `StoreError.unavailable`.
    public func rememberLink(_ name: String) async throws(StoreError) {
        try await self.changeLinks { $0.contains(name) ? $0 : $0 + [name] }
    }

    /// Puts on record that there is no connection to it any more.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func forgetLink(_ name: String) async throws(StoreError) {
        try await self.changeLinks { $0.filter { $0 != name } }
    }

    /// The devices to which there may be a connection; at a start, those that the agent before had when it was killed.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func rememberedLinks() async throws(StoreError) -> [String] {
        try await self.read("reading what is connected over Bluetooth") { try Self.links(in: $0) }
    }

    private static func links(in db: Database) throws -> [String] {
        (try StationTable(db: db).setting(Self.linksKey)?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private func changeLinks(_ change: @escaping @Sendable ([String]) -> [String]) async throws(StoreError) {
        try await self.commit("keeping what is connected over Bluetooth") { db in
            let before = try Self.links(in: db)
            let after = change(before)
            if after != before {
                let list = JSONValue.array(after.map(JSONValue.string))
                try StationTable(db: db).set(Self.linksKey, to: list, at: self.clock.wallTime)
            }
            return ((), CommitEffects())
        }
    }
}
