public import StationCore

/// Devices with ESP-IDF's unified provisioning: protocomm over GATT, security 0, 1 and 2.
///
/// It carries Wi-Fi credentials only. The device tells how it fares with them while the link stands.
public struct EspressifDialect: ProvisioningDialect {
    private let options: EspressifOptions
    private let limits: EspressifLimits
    private let clock: any StationClock

    public init(
        _ options: EspressifOptions = EspressifOptions(), clock: any StationClock,
        limits: EspressifLimits = EspressifLimits()
    ) {
        self.options = options
        self.clock = clock
        self.limits = limits
    }

    public var name: ProvisioningDialectName { .espressif }
    public var services: Set<GATTUUID> { self.options.services }
    public var isToldByName: Bool { true }

    public func recognise(_ advertisement: Advertisement) -> CandidateTraits? {
        guard let name = advertisement.name, name.hasPrefix(self.options.namePrefix) else { return nil }
        let suffix = ExternalID(name.dropFirst(self.options.namePrefix.count))
        guard let id = suffix ?? ExternalID(advertisement.plainAddress) else { return nil }
        return CandidateTraits(
            dialect: .espressif, externalID: id,
            defaultName: advertisement.shownName ?? "device \(id.description.suffix(6))"
        )
    }

    public func provision(
        over link: some GATTLink, with order: ProvisioningOrder,
        progress: @escaping @Sendable (DialectProgress) -> Void
    ) async throws(ProvisioningFault) -> ProvisioningOutcome {
        try order.requirePossibleWiFi()
        progress(.negotiating)
        let endpoints = try await EspressifEndpoints(of: link)
        let version = try await Self.version(of: link, endpoints)
        let security = try EspressifPlan.security(
            offered: version, proof: order.proofOfPossession, options: self.options
        )
        var session = EspressifSession(link: link, endpoints: endpoints, security: security)
        try await session.open()
        progress(.writing)
        try EspressifWiFi.expectConfigTaken(try await session.ask(.config, EspressifWiFi.setConfig(order)))
        do throws(ProvisioningFault) {
            try EspressifWiFi.expectApplied(try await session.ask(.config, EspressifWiFi.applyConfig))
            progress(.waitingForDevice)
            try await self.watch(&session)
            return .joinedWiFi(next: nil)
        } catch {
            // A device that has joined may switch its Bluetooth off before anybody asked how it fared.
            if error.kind == .linkLost { return .unconfirmed }
            throw error
        }
    }

    public func identify(over link: some GATTLink) async throws(ProvisioningFault) -> Bool { false }

    private static func version(
        of link: some GATTLink, _ endpoints: EspressifEndpoints
    ) async throws(ProvisioningFault) -> EspressifVersion {
        guard endpoints[.version] != nil else { return EspressifVersion([]) }
        do throws(GATTError) {
            return EspressifVersion(
                try await EspressifSession.exchange(endpoints[.version], Array("ESP".utf8), over: link)
            )
        } catch {
            throw ProvisioningFault(error)
        }
    }

    /// Returns once the device has joined the Wi-Fi.
    private func watch<Link>(_ session: inout EspressifSession<Link>) async throws(ProvisioningFault) {
        let deadline = self.clock.now.advanced(by: self.limits.attempt)
        while true {
            let fault: ProvisioningFault
            switch try EspressifWiFi.attempt(try await session.ask(.config, EspressifWiFi.getStatus)) {
            case .connected: return
            case .trying where self.clock.now < deadline:
                guard await self.clock.pause(for: self.limits.interval) else {
                    throw ProvisioningFault(.cancelled)
                }
                continue
            case .trying: fault = ProvisioningFault(.wifiNotJoined, detail: "still trying after \(self.limits.attempt)")
            case .wrongPassword: fault = ProvisioningFault(.wifiPasswordWrong)
            case .notFound:
                fault = ProvisioningFault(.wifiNotFound, detail: await Self.surroundings(&session))
            case .failed(let reason): fault = ProvisioningFault(.wifiNotJoined, detail: "reason \(reason)")
            }
            await Self.reset(&session)
            throw fault
        }
    }

    /// Without it a device takes no other credentials until it is switched off and on.
    private static func reset<Link>(_ session: inout EspressifSession<Link>) async {
        guard session.endpoints[.control] != nil else { return }
        _ = try? await session.ask(.control, EspressifWiFi.reset)
    }

    /// What networks the device sees, for the person who wonders why it does not see theirs.
    private static func surroundings<Link>(_ session: inout EspressifSession<Link>) async -> String {
        guard session.endpoints[.scan] != nil, (try? await session.ask(.scan, EspressifScan.start)) != nil,
            let status = try? await session.ask(.scan, EspressifScan.status),
            let count = EspressifScan.count(status).map({ min($0, 32) })
        else { return "" }
        var names: Set<String> = []
        for index in stride(from: 0, to: count, by: Int(EspressifScan.pageLength)) {
            let length = min(EspressifScan.pageLength, count - index)
            guard let answer = try? await session.ask(.scan, EspressifScan.page(from: index, count: length)),
                let page = EspressifScan.names(answer)
            else { break }
            names.formUnion(page.map { String(decoding: $0, as: UTF8.self) })
        }
        names.remove("")
        return names.isEmpty
            ? "the device sees no network" : "the device sees \(names.sorted().joined(separator: ", "))"
    }
}
