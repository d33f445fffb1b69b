public import StationCore

/// Devices with the published firmware: one write of a JSON text with everything in it (contract 5).
public struct SmartHomeDialect: ProvisioningDialect {
    private let options: SmartHomeOptions

    public init(_ options: SmartHomeOptions) {
        self.options = options
    }

    public var name: ProvisioningDialectName { .smartHome }
    public var services: Set<GATTUUID> { [self.options.service] }
    public var isToldByName: Bool { self.options.isNameEnough }

    public func recognise(_ advertisement: Advertisement) -> CandidateTraits? {
        let said = advertisement.serviceData[self.options.service]
        let suffix = advertisement.name.flatMap { $0.hasPrefix(self.options.namePrefix) ? $0 : nil }
            .map { $0.dropFirst(self.options.namePrefix.count) }
        let isOffered = said != nil || advertisement.serviceUUIDs.contains(self.options.service)
        guard isOffered || (self.options.isNameEnough && suffix != nil) else { return nil }
        let data = said.map { SmartHomeServiceData($0) }
        let own = data?.id ?? suffix.flatMap { ExternalID($0) }
        guard let id = own ?? ExternalID(advertisement.plainAddress) else { return nil }
        return CandidateTraits(
            dialect: .smartHome, externalID: id, deviceType: data?.type,
            defaultName: advertisement.shownName ?? "\(data?.type ?? "device") \(id.description.suffix(6))"
        )
    }

    public func provision(
        over link: some GATTLink, with order: ProvisioningOrder,
        progress: @escaping @Sendable (DialectProgress) -> Void
    ) async throws(ProvisioningFault) -> ProvisioningOutcome {
        let target = try await self.target(of: link)
        let message = try SmartHomeMessage.bytes(of: order)
        progress(.writing)
        do throws(GATTError) {
            try await link.write(target, message, withResponse: true)
            return .accepted
        } catch {
            // The device may have stored the value before it answered so: its MQTT handshake decides.
            if error.kind == .unlikely { return .unconfirmed }
            throw ProvisioningFault(error)
        }
    }

    public func identify(over link: some GATTLink) async throws(ProvisioningFault) -> Bool { false }

    /// The characteristic with the UUID that was agreed, or the only writable one of the service.
    private func target(of link: some GATTLink) async throws(ProvisioningFault) -> GATTUUID {
        let offered = await link.characteristics().filter { $0.service == self.options.service }
        if offered.contains(where: { $0.uuid == self.options.characteristic }) { return self.options.characteristic }
        let writable = offered.filter(\.isWritable)
        guard writable.count == 1, let only = writable.first else {
            throw ProvisioningFault(
                .notOffered,
                detail: "no characteristic \(self.options.characteristic), and \(writable.count) writable ones"
            )
        }
        return only.uuid
    }
}
