import StationCore
import StationData

/// A message about identity, read and found fitting (contract 4, "Legacy messages").
enum IdentityMessage: Sendable, Equatable {
    case sync(CloudRoster)
    case stationRenamed(String)
    case memberAdded(CloudMember)
    case memberUpdated(CloudMemberChanges)
    case memberRemoved(cloudUserID: String)
    case passwordChanged(cloudUserID: String, BcryptHash)
    case stationReset

    /// `nil` for a type that this version does not know.
    ///
    /// - Throws: `IdentityFault` for a message that does not fit its type.
    init?(_ message: JSONObject) throws(IdentityFault) {
        let fields = IdentityFields(message)
        switch message["type"]?.stringValue {
        case "identity_sync": self = .sync(try Self.roster(message))
        case "station_renamed":
            let name = try fields.required("name", fields.name("name", upTo: StationHub.maximumStationNameLength))
            guard !name.isEmpty else { throw IdentityFault("“name” is empty.") }
            self = .stationRenamed(name)
        case "member_added": self = .memberAdded(try Self.person(message).member())
        case "member_updated": self = .memberUpdated(try Self.person(message).changes())
        case "member_removed":
            self = .memberRemoved(cloudUserID: try fields.required("cloudUserId", fields.cloudUserID()))
        case "station_password_changed":
            self = .passwordChanged(
                cloudUserID: try fields.required("cloudUserId", fields.cloudUserID()),
                try fields.required("stationPasswordHash", fields.passwordHash())
            )
        case "station_reset": self = .stationReset
        default: return nil
        }
    }

    /// The fields of a member: in an object of their own, or beside the type.
    private static func person(_ message: JSONObject) throws(IdentityFault) -> IdentityFields {
        switch message["member"] {
        case nil: return IdentityFields(message)
        case .object(let member)?: return IdentityFields(member)
        case .some(let value): throw IdentityFault("“member” is \(value.kind); it must be an object.")
        }
    }

    private static func roster(_ message: JSONObject) throws(IdentityFault) -> CloudRoster {
        let key = message["members"] == nil ? "users" : "members"
        guard let list = message[key] else { throw IdentityFault("“members” is missing.") }
        guard let elements = list.arrayValue else {
            throw IdentityFault("“\(key)” is \(list.kind); it must be an array.")
        }
        var members: [CloudMember] = []
        for (index, element) in elements.enumerated() {
            guard let object = element.objectValue else {
                throw IdentityFault("“\(key)” [\(index)] is \(element.kind); it must be an object.")
            }
            do throws(IdentityFault) {
                members.append(try IdentityFields(object).member())
            } catch {
                throw IdentityFault("“\(key)” [\(index)]: \(error)")
            }
        }
        let fields = IdentityFields(message)
        let name = try fields.name("stationName", upTo: StationHub.maximumStationNameLength)
        guard name?.isEmpty != true else { throw IdentityFault("“stationName” is empty.") }
        let owner = try fields.cloudUserID("ownerCloudUserId")
        do throws(StoreError) {
            return try CloudRoster(stationName: name, ownerID: owner, members: members)
        } catch {
            throw IdentityFault(error.description)
        }
    }
}
