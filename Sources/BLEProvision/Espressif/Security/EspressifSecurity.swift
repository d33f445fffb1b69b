/// How a protocomm session is opened and its messages are protected: a codec, apart from every link.
protocol EspressifSecurity: Sendable {
    /// The session's next request.
    ///
    /// - Parameter response: What the device answered to the one before; `nil` to begin.
    /// - Returns: `nil` once the session stands.
    mutating func next(after response: [UInt8]?) throws(ProvisioningFault) -> [UInt8]?

    /// Protects a message to the device.
    mutating func encrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8]

    /// Opens a message of the device.
    mutating func decrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8]
}
