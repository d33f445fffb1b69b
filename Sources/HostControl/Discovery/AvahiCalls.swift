import SystemBus

/// What the station has announced with Avahi over one connection to the bus: one group of entries, which Avahi takes back
/// by itself when the connection ends.
struct AvahiCalls: Sendable {
    /// Any interface, any protocol: AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC; no flags.
    private static let everywhere: [BusValue] = [.int32(-1), .int32(-1), .uint32(0)]

    let calls: HostCalls

    /// - Throws: `BusError`.
    func serverState() async throws(BusError) -> AvahiServerState {
        AvahiServerState(try await self.server("GetState").first?.integer)
    }

    /// A new, empty group; its path.
    func make() async throws(BusError) -> String {
        guard let path = try await self.server("EntryGroupNew").first?.objectPath else {
            throw .invalid(detail: "Avahi gives no entry group")
        }
        return path
    }

    /// Another name for a service whose name is taken: with a number behind it.
    func alternative(to name: String) async throws(BusError) -> String {
        guard let name = try await self.server("GetAlternativeServiceName", [.string(name)]).first?.string else {
            throw .invalid(detail: "Avahi gives no other name")
        }
        return name
    }

    /// Announces the services; whether they are the only ones of their name on the LAN is told by a signal.
    ///
    /// - Throws: `BusError`; by the name `AvahiName.collisionError` when this host has such a service already.
    func commit(_ announcement: StationAnnouncement, as name: String, group: String) async throws(BusError) {
        try await self.call("Reset", of: group)
        for service in announcement.services {
            // No domain and no host: the usual ones.
            let names: [BusValue] = [.string(name), .string(service.type), .string(""), .string("")]
            try await self.call(
                "AddService", of: group,
                Self.everywhere + names + [.uint16(service.port), Self.texts(of: announcement)])
        }
        try await self.call("Commit", of: group)
    }

    /// Changes the TXT records of what is announced.
    func update(_ announcement: StationAnnouncement, as name: String, group: String) async throws(BusError) {
        for service in announcement.services {
            let names: [BusValue] = [.string(name), .string(service.type), .string("")]
            try await self.call(
                "UpdateServiceTxt", of: group, Self.everywhere + names + [Self.texts(of: announcement)])
        }
    }

    /// Takes everything back for now: the host's name is not settled.
    func reset(_ group: String) async throws(BusError) {
        try await self.call("Reset", of: group)
    }

    /// Takes everything back.
    func free(_ group: String) async throws(BusError) {
        try await self.call("Free", of: group)
    }

    private static func texts(of announcement: StationAnnouncement) -> BusValue {
        .array(announcement.texts.map { .bytes($0) }, of: "ay")
    }

    private func call(_ member: String, of group: String, _ arguments: [BusValue] = []) async throws(BusError) {
        try await self.calls.call(
            BusCall(
                AvahiName.service, path: group, interface: AvahiName.group, member: member, arguments: arguments,
                startsService: false))
    }

    private func server(_ member: String, _ arguments: [BusValue] = []) async throws(BusError) -> [BusValue] {
        try await self.calls.call(
            BusCall(
                AvahiName.service, path: AvahiName.serverPath, interface: AvahiName.server, member: member,
                arguments: arguments, startsService: false))
    }
}
