import StationCore
import StationTestSupport

/// Lists of members as a cloud sends them, by number: in each other people, with other names, roles and addresses.
enum CloudRosters {
    private static let people = 40

    private struct Member {
        let id: String
        let email: String
        let name: String
        let role: String
    }

    private static func members(_ number: Int) -> [Member] {
        var random = RepeatableRandom(seed: UInt64(number))
        var members = [Member(id: "o", email: "owner@example.com", name: "Olga \(number)", role: "owner")]
        for person in 0..<Self.people where !random.once(in: 3) {
            members.append(
                Member(
                    // An address goes from one to the next, and round.
                    id: "p-\(person)", email: "p\((person + number) % Self.people)@example.com",
                    name: "Person \(person) of \(number)", role: random.once(in: 2) ? "admin" : "member"
                ))
        }
        return members
    }

    /// What the cloud sends.
    static func message(_ number: Int) -> JSONObject {
        [
            "type": "identity_sync", "stationName": .string("House \(number)"), "ownerCloudUserId": "o",
            "members": .array(
                Self.members(number).map { member in
                    [
                        "cloudUserId": .string(member.id), "email": .string(member.email), "name": .string(member.name),
                        "role": .string(member.role),
                        "stationPasswordHash": "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
                    ]
                }),
        ]
    }

    /// What the store says then, in the words of `query`.
    static func lines(_ number: Int) -> [String] {
        ["House \(number)"]
            + Self.members(number).sorted { $0.id < $1.id }.map { "\($0.id) \($0.email) \($0.name) \($0.role)" }
    }

    static let query = """
        SELECT name FROM station;
        SELECT cloud_user_id || ' ' || email || ' ' || name || ' ' || role FROM users
        WHERE cloud_user_id IS NOT NULL ORDER BY cloud_user_id
        """

    /// Which list it is, by the name of the station.
    static func number(in lines: [String]) -> Int? {
        lines.first.flatMap { $0.hasPrefix("House ") ? Int($0.dropFirst(6)) : nil }
    }
}
