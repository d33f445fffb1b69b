public import StationCore

/// Devices with Improv Wi-Fi over BLE, version 1: ESPHome, Tasmota, WLED (improv-wifi.com/ble).
///
/// It carries Wi-Fi credentials only, and in clear: whoever listens close by can read them.
public struct ImprovDialect: ProvisioningDialect {
    private static let canIdentify: UInt8 = 0b01
    private static let canTellInformation: UInt8 = 0b10

    private let clock: any StationClock
    private let limits: ImprovLimits

    public init(clock: any StationClock, limits: ImprovLimits = ImprovLimits()) {
        self.clock = clock
        self.limits = limits
    }

    public var name: ProvisioningDialectName { .improv }
    public var services: Set<GATTUUID> { [ImprovUUID.service] }
    public var isToldByName: Bool { false }

    public func recognise(_ advertisement: Advertisement) -> CandidateTraits? {
        let data = advertisement.serviceData[ImprovUUID.data]
        guard data != nil || advertisement.serviceUUIDs.contains(ImprovUUID.service) else { return nil }
        guard let id = ExternalID(advertisement.plainAddress) else { return nil }
        let state = data?.first.flatMap { ImprovState(rawValue: $0) }
        return CandidateTraits(
            dialect: .improv, externalID: id,
            defaultName: advertisement.shownName ?? "Improv \(id.description.suffix(6))",
            isProvisionable: state != .provisioning && state != .provisioned
        )
    }

    public func provision(
        over link: some GATTLink, with order: ProvisioningOrder,
        progress: @escaping @Sendable (DialectProgress) -> Void
    ) async throws(ProvisioningFault) -> ProvisioningOutcome {
        try order.requirePossibleWiFi()
        progress(.negotiating)
        let session = ImprovSession(
            link: link, clock: self.clock, limits: self.limits, frame: .wifiSettings(order), progress: progress
        )
        return try await session.run()
    }

    public func identify(over link: some GATTLink) async throws(ProvisioningFault) -> Bool {
        do throws(GATTError) {
            guard try await Self.capabilities(of: link) & Self.canIdentify != 0 else { return false }
            try await link.write(ImprovUUID.command, ImprovFrame(.identify).bytes, withResponse: true)
            return true
        } catch {
            throw ProvisioningFault(error)
        }
    }

    /// What the device tells of itself; `nil` where it cannot or does not in time.
    public func information(over link: some GATTLink) async throws(ProvisioningFault) -> ImprovInformation? {
        do throws(GATTError) {
            guard try await Self.capabilities(of: link) & Self.canTellInformation != 0 else { return nil }
            let results = try await link.notifications(of: ImprovUUID.result)
            try await link.write(ImprovUUID.command, ImprovFrame(.deviceInformation).bytes, withResponse: true)
            return try? await self.clock.limit(to: self.limits.start) {
                await Self.information(among: results, over: link)
            } ?? nil
        } catch {
            throw ProvisioningFault(error)
        }
    }

    private static func capabilities(of link: some GATTLink) async throws(GATTError) -> UInt8 {
        try await link.read(ImprovUUID.capabilities).first ?? 0
    }

    private static func information(
        among results: AsyncStream<[UInt8]>, over link: some GATTLink
    ) async -> ImprovInformation? {
        for await result in results {
            var frame = try? ImprovFrame(reading: result)
            // Longer than a notification can be.
            if frame == nil, let read = try? await link.read(ImprovUUID.result) {
                frame = try? ImprovFrame(reading: read)
            }
            if let frame, frame.command == ImprovCommand.deviceInformation.rawValue { return ImprovInformation(frame) }
        }
        return nil
    }
}
