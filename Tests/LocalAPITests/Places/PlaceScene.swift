import Accounts
import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

/// A flat with an owner, an admin and a viewer, beside the station's owner, who is no member of it, and a stranger to it.
struct PlaceScene {
    enum Person: String, CaseIterable {
        case owner, admin, viewer, stranger, stationOwner
    }

    let station: LocalAPIFixture
    let place: PlaceID
    private let probes: [Person: HTTPProbe]
    private let users: [Person: UserID]

    static func run(_ body: (PlaceScene) async throws -> Void) async throws {
        try await LocalAPIFixture.run { station in
            var probes: [Person: HTTPProbe] = [.stationOwner: station.api]
            var users: [Person: UserID] = [.stationOwner: station.owner.user.id]
            for person in [Person.owner, .admin, .viewer, .stranger] {
                let signIn = try await station.addUser("\(person.rawValue)@flat.example", role: .member)
                probes[person] = HTTPProbe(port: station.port, token: signIn.accessToken)
                users[person] = signIn.user.id
            }
            let owner = try #require(users[.owner])
            let place = try await station.hub.addPlace(name: "Flat", description: "Second floor", owner: owner)
            for (person, role) in [(Person.admin, PlaceRole.admin), (.viewer, .viewer)] {
                try await station.hub.addMember(
                    email: Self.email(of: person), role: role, to: place.id, by: .owner
                )
            }
            try await body(PlaceScene(station: station, place: place.id, probes: probes, users: users))
        }
    }

    static func email(of person: Person) -> String { "\(person.rawValue)@flat.example" }

    var path: String { "/api/places/\(self.place)" }

    func id(of person: Person) throws -> UserID { try #require(self.users[person]) }

    func send(_ method: String, _ path: String, as person: Person, _ json: JSONValue? = nil) async throws -> HTTPAnswer
    {
        try await #require(self.probes[person]).send(method, path, json: json)
    }

    /// As the owner of the place.
    func send(_ method: String, _ path: String, _ json: JSONValue? = nil) async throws -> HTTPAnswer {
        try await self.send(method, path, as: .owner, json)
    }

    func addDevice(_ name: String = "Thing", type: String? = nil) async throws -> Device {
        try await self.station.hub.addDevice(NewDevice(name: name, type: type, placeID: self.place)).device
    }

    func path(of device: Device) -> String { "\(self.path)/devices/\(device.id)" }
}
