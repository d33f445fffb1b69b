/// The envelope of a session's messages: `SessionData` with `SecNPayload` in it (esp-idf, `session.proto`).
enum SessionData {
    /// - Parameter kind: 0 and 2 are the client's commands, 1 and 3 the device's responses.
    static func request(security: UInt64, kind: UInt64, _ body: [UInt8]) -> [UInt8] {
        let payload = ProtobufWriter.message { writer in
            writer.put(1, kind)
            writer.put(20 + Int(kind), body)
        }
        return ProtobufWriter.message { writer in
            writer.put(2, security)
            writer.put(10 + Int(security), payload)
        }
    }

    /// The body of the device's answer.
    ///
    /// - Throws: `securityUnknown` for an answer of another security, `notUnderstood` for what is no answer, `refused`
    ///   where the device says that it failed.
    static func response(_ bytes: [UInt8], security: UInt64, kind: UInt64) throws(ProvisioningFault) -> ProtobufMessage
    {
        do throws(ProtobufMessage.Malformed) {
            let data = try ProtobufMessage(bytes)
            guard data.number(2) == security else { throw ProtobufMessage.Malformed() }
            let payload = try data.message(10 + security)
            guard payload.number(1) == kind, let body = payload.bytes(20 + kind) else {
                throw ProtobufMessage.Malformed()
            }
            return try ProtobufMessage(body)
        } catch {
            throw ProvisioningFault(.notUnderstood, detail: "no answer of security \(security) to step \(kind)")
        }
    }

    /// - Throws: `refused` unless the status of a response is success.
    static func expectSuccess(_ response: ProtobufMessage) throws(ProvisioningFault) {
        let status = response.number(1)
        guard status == 0 else { throw ProvisioningFault(.refused, detail: "protocomm status \(status)") }
    }
}
