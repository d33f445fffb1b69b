import GRDB
public import StationCore
import Synchronization

extension StationHub {
    public static let maximumStationNameLength = 100
    public static let maximumSettings = 200
    /// Of one setting, in bytes of JSON.
    public static let maximumSettingSize = 16_384

    /// What people call this station.
    public var stationName: String { self.live.withLock { $0.stationName } }

    /// Gives the station another name, for good.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func renameStation(_ name: String) async throws(StoreError) {
        try await self.commit("renaming the station") { db in
            try StationTable(db: db).rename(name)
            return ((), CommitEffects(changes: [{ $0.stationName = name }]))
        }
    }

    /// What people and their apps have set; what the agent notes for itself is not among it.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func settings() async throws(StoreError) -> JSONObject {
        let all = try await StoreError.wrapping("reading the settings") {
            try await self.writer.read { try StationTable(db: $0).settings() }
        }
        var shown = JSONObject()
        for member in all.members where Self.isPublicSetting(member.key) { shown[member.key] = member.value }
        return shown
    }

    /// Sets some settings, all or none; `null` is a value like others.
    ///
    /// - Throws: `StoreError.invalid` naming the setting, `.unavailable`.
    public func set(_ settings: JSONObject) async throws(StoreError) {
        for member in settings.members {
            guard Self.isPublicSetting(member.key), Self.isSettingKey(member.key) else {
                throw .invalid(
                    field: member.key,
                    message:
                        "“\(member.key)” cannot be set; a key has 1–64 letters, digits, “_” and “-” and is not “agent”."
                )
            }
            guard member.value.serialized().count <= Self.maximumSettingSize else {
                throw .invalid(
                    field: member.key,
                    message: "“\(member.key)” has more than \(Self.maximumSettingSize) bytes of JSON."
                )
            }
        }
        try await self.commit("writing settings") { db in
            let table = StationTable(db: db)
            for member in settings.members {
                try table.set(member.key, to: member.value, at: self.clock.wallTime)
            }
            let count = try table.settings().members.count { Self.isPublicSetting($0.key) }
            guard count <= Self.maximumSettings else {
                throw StoreError.invalid(field: "key", message: "There are at most \(Self.maximumSettings) settings.")
            }
            return ((), CommitEffects())
        }
    }

    /// The agent's own notes have a dot in their keys.
    private static func isPublicSetting(_ key: String) -> Bool { !key.contains(".") && key != "agent" }

    private static func isSettingKey(_ key: String) -> Bool {
        (1...64).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
