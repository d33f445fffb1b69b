/// Who may change whose role in a place (contract 2, "Places, sensors, actuators, thresholds, alerts"). Pure.
///
/// Each rule answers with the reason against it, a sentence for the caller; `nil` means that it may be done.
public struct MembershipRule: Sendable {
    /// What the caller is in the place; a station's owner and admins count as owner.
    public let actor: PlaceRole

    public init(actor: PlaceRole) {
        self.actor = actor
    }

    /// Nobody is made owner; an admin adds viewers only.
    public func reasonNotToAdd(_ role: PlaceRole) -> String? {
        switch (self.actor, role) {
        case (_, .owner): "Nobody can be made owner of a place; “role” must be admin or viewer."
        case (.owner, _), (.admin, .viewer): nil
        case (.admin, .admin): "An admin adds viewers only; ask the place's owner to add an admin."
        case (.viewer, _): "A viewer cannot add members; ask an admin or the owner of the place."
        }
    }

    /// Only the owner gives other roles, never the owner's own, and never away.
    public func reasonNotToChange(from old: PlaceRole, to new: PlaceRole) -> String? {
        switch (self.actor, old, new) {
        case (.admin, _, _), (.viewer, _, _): "Only the owner of a place changes the roles of its members."
        case (_, _, .owner): "Nobody can be made owner of a place; “role” must be admin or viewer."
        case (_, .owner, _): "The owner of a place keeps that role for as long as the place exists."
        case (.owner, _, _): nil
        }
    }

    /// Members may leave, except for the owner; an admin removes viewers only.
    public func reasonNotToRemove(_ role: PlaceRole, isOneself: Bool) -> String? {
        switch (self.actor, role) {
        case (_, .owner): "The owner of a place cannot be removed; delete the place instead."
        case _ where isOneself: nil
        case (.owner, _), (.admin, .viewer): nil
        case (.admin, .admin): "An admin removes viewers only; ask the place's owner."
        case (.viewer, _): "A viewer can remove nobody but oneself."
        }
    }
}
