/// The UUIDs of Improv Wi-Fi over BLE, version 1 (improv-wifi.com/ble).
enum ImprovUUID {
    private static let high: UInt64 = 0x0046_7768_6228_2272

    static let service = GATTUUID(Self.high, 0x4663_2774_7826_8000)
    static let state = GATTUUID(Self.high, 0x4663_2774_7826_8001)
    static let error = GATTUUID(Self.high, 0x4663_2774_7826_8002)
    static let command = GATTUUID(Self.high, 0x4663_2774_7826_8003)
    static let result = GATTUUID(Self.high, 0x4663_2774_7826_8004)
    static let capabilities = GATTUUID(Self.high, 0x4663_2774_7826_8005)
    /// What the service data is advertised under.
    static let data = GATTUUID(short: 0x4677)
}
