/// Which characteristic is which endpoint: by its user description (0x2901), for UUIDs are the firmware's own choice.
struct EspressifEndpoints: Sendable, Hashable {
    private var found: [EspressifEndpoint: GATTUUID] = [:]

    init(_ found: [EspressifEndpoint: GATTUUID]) {
        self.found = found
    }

    /// - Throws: `notOffered` where there is no session or no configuration to talk to.
    init(of link: some GATTLink) async throws(ProvisioningFault) {
        let writable = await link.characteristics().filter { $0.isWritable && $0.flags.contains(.read) }
        for characteristic in writable {
            guard let text = try await Self.description(of: characteristic.uuid, over: link) else { continue }
            guard let endpoint = EspressifEndpoint(rawValue: text) else { continue }
            self.found[endpoint] = characteristic.uuid
        }
        // Only firmware without any description: a stray look-alike must not take part in the talk of the others.
        if self.found.isEmpty {
            for characteristic in writable {
                let digits = characteristic.uuid.description.dropFirst(4).prefix(4)
                guard let endpoint = EspressifEndpoint.allCases.first(where: { $0.shortUUID == digits }) else {
                    continue
                }
                self.found[endpoint] = characteristic.uuid
            }
        }
        guard self[.session] != nil, self[.config] != nil else {
            throw ProvisioningFault(.notOffered, detail: "no prov-session and prov-config")
        }
    }

    subscript(endpoint: EspressifEndpoint) -> GATTUUID? { self.found[endpoint] }

    private static func description(
        of uuid: GATTUUID, over link: some GATTLink
    ) async throws(ProvisioningFault) -> String? {
        do throws(GATTError) {
            guard let bytes = try await link.userDescription(of: uuid) else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        } catch {
            switch error.kind {
            case .disconnected, .timedOut, .cancelled, .unavailable: throw ProvisioningFault(error)
            default: return nil
            }
        }
    }
}
