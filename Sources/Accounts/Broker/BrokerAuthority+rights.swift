import StationCore
import StationData

extension BrokerAuthority {
    /// What somebody may do now: a device that was removed, a member that has gone and a policy that has changed are
    /// felt at the next question.
    ///
    /// - Parameter topic: What is asked about; `nil` when it is only whether somebody may do everything.
    func rights(of identity: BrokerIdentity, about topic: String?) -> BrokerRights {
        switch identity {
        case .agent: return .everything
        case .device(let id): return self.hub.device(id).map { .device($0.externalID) } ?? .nothing
        case .credential(let username):
            switch self.hub.credential(named: username)?.owner {
            case .user(let id)?: return topic.map { self.rights(of: id, about: $0) } ?? .nothing
            case .token(let subject)?: return self.policy.rights(of: subject)
            case nil: return .nothing
            }
        case .person(let claims):
            // Signed out, given a new password, deleted: then the token is dead before its time.
            guard let user = self.desk.user(of: claims) else { return .nothing }
            return self.policy.rights(
                of: TokenSubject(kind: .user, id: user.id.description, groups: [user.role.rawValue], scopes: [])
            )
        case .subject(let subject): return self.policy.rights(of: subject)
        }
    }

    /// What somebody with an account may do, as far as it is about a topic or filter: that of all places and devices
    /// (`StationHub.brokerRights(of:)`), without looking at a thousand devices for each message of one.
    private func rights(of id: UserID, about topic: String) -> BrokerRights {
        guard let user = self.hub.user(id) else { return .nothing }
        guard let visible = self.hub.visiblePlaces(of: user) else { return .everyPlace }
        let levels = (TopicFilter(subscribing: topic)?.description ?? topic).utf8
            .split(separator: UInt8(ascii: "/"), maxSplits: 4, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        // `placebrain/{place}/…` and `station/{any}/device/{device}/…`; a wildcard there is none of somebody's own.
        let place = levels.dropFirst().first.flatMap { PlaceID($0) }.flatMap { visible.contains($0) ? $0 : nil }
        let device = levels.dropFirst(3).first.flatMap { ExternalID($0) }.flatMap { self.hub.device(named: $0) }
            .flatMap { visible.contains($0.placeID) ? $0.externalID : nil }
        return .user(places: [place].compactMap(\.self), devices: [device].compactMap(\.self))
    }
}
