/// Requests and answers with a device over one link: a write and a read of the endpoint's characteristic.
struct EspressifSession<Link: GATTLink>: Sendable {
    let link: Link
    let endpoints: EspressifEndpoints
    private var security: any EspressifSecurity

    init(link: Link, endpoints: EspressifEndpoints, security: any EspressifSecurity) {
        self.link = link
        self.endpoints = endpoints
        self.security = security
    }

    /// Agrees with the device on keys, and both show each other that they know the proof of possession.
    mutating func open() async throws(ProvisioningFault) {
        var response: [UInt8]?
        var requests = 0
        while let request = try self.security.next(after: response) {
            requests += 1
            do throws(GATTError) {
                response = try await Self.exchange(self.endpoints[.session], request, over: self.link)
            } catch {
                throw Self.fault(error, isProof: requests > 1)
            }
        }
    }

    /// What the device answers at an endpoint, protected both ways.
    mutating func ask(_ endpoint: EspressifEndpoint, _ message: [UInt8]) async throws(ProvisioningFault) -> [UInt8] {
        let sealed = try self.security.encrypt(message)
        let answer: [UInt8]
        do throws(GATTError) {
            answer = try await Self.exchange(self.endpoints[endpoint], sealed, over: self.link)
        } catch {
            throw ProvisioningFault(error)
        }
        return try self.security.decrypt(answer)
    }

    static func exchange(
        _ uuid: GATTUUID?, _ message: [UInt8], over link: Link
    ) async throws(GATTError) -> [UInt8] {
        guard let uuid else { throw GATTError(.notFound, detail: "no such endpoint") }
        try await link.write(uuid, message, withResponse: true)
        return try await link.read(uuid)
    }

    /// A device does not say that the proof is wrong: it answers with an error of ATT or hangs up.
    private static func fault(_ error: GATTError, isProof: Bool) -> ProvisioningFault {
        switch error.kind {
        case .unlikely, .attribute, .disconnected, .failed:
            isProof ? ProvisioningFault(.proofWrong, detail: error.description) : ProvisioningFault(error)
        default: ProvisioningFault(error)
        }
    }
}
