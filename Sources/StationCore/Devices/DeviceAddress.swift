/// Where a device was last heard, and so where it is answered and commanded (contract 1, rule 1).
public struct DeviceAddress: Sendable, Hashable {
    /// The way it speaks: `smarthome`, `placebrain`, …
    public let dialect: DialectID
    /// The level of the topic above the device: the station's id as the *device* knows it, or a place's id.
    public let scope: String

    public init(dialect: DialectID, scope: String) {
        self.dialect = dialect
        self.scope = scope
    }
}

/// The name of a device dialect.
public struct DialectID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ name: String) {
        self.description = name
    }

    /// The published ESP32 firmware: `station/{stationId}/device/{externalId}/…`.
    public static let smarthome = DialectID("smarthome")
    /// `placebrain/{placeId}/devices/{deviceId}/…`.
    public static let placebrain = DialectID("placebrain")
}
