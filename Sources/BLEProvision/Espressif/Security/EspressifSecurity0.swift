/// Security 0: nothing is protected; the session is only announced (esp-idf, `sec0.proto`).
struct EspressifSecurity0: EspressifSecurity {
    mutating func next(after response: [UInt8]?) throws(ProvisioningFault) -> [UInt8]? {
        guard let response else { return SessionData.request(security: 0, kind: 0, []) }
        try SessionData.expectSuccess(try SessionData.response(response, security: 0, kind: 1))
        return nil
    }

    mutating func encrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] { message }

    mutating func decrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] { message }
}
