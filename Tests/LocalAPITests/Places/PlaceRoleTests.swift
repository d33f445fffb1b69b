import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Who may do what in a place")
struct PlaceRoleTests {
    typealias Person = PlaceScene.Person

    struct Route: CustomTestStringConvertible {
        let method: String
        /// Beneath the place.
        let path: String
        let allowed: Set<Person>
        var body: JSONValue?

        var testDescription: String { "\(self.method) \(self.path)" }
    }

    private static let nobody = "01890000-0000-7000-8000-000000000001"
    private static let device = "/devices/\(Self.nobody)"
    private static let sensor = "\(Self.device)/sensors/\(Self.nobody)"
    private static let members: Set<Person> = [.owner, .admin, .viewer, .stationOwner]
    private static let managers: Set<Person> = [.owner, .admin, .stationOwner]

    /// Of things that are not there, so that whoever may is told 404.
    static let routes: [Route] = [
        Route(method: "GET", path: "", allowed: Self.members),
        Route(method: "PUT", path: "", allowed: Self.managers, body: ["name": "Flat"]),
        Route(method: "GET", path: "/members", allowed: Self.members),
        Route(
            method: "POST", path: "/members", allowed: Self.managers,
            body: ["email": "nobody@example.com", "role": "viewer"]
        ),
        Route(
            method: "POST", path: "/members", allowed: [.owner, .stationOwner],
            body: ["email": "nobody@example.com", "role": "admin"]
        ),
        Route(
            method: "POST", path: "/members", allowed: [], body: ["email": "nobody@example.com", "role": "owner"]
        ),
        Route(
            method: "PUT", path: "/members/\(Self.nobody)", allowed: [.owner, .stationOwner],
            body: ["role": "viewer"]
        ),
        Route(method: "DELETE", path: "/members/\(Self.nobody)", allowed: Self.managers),
        Route(method: "GET", path: "/devices", allowed: Self.members),
        Route(method: "POST", path: "/devices", allowed: Self.managers, body: ["name": "Lamp"]),
        Route(method: "GET", path: Self.device, allowed: Self.members),
        Route(method: "PUT", path: Self.device, allowed: Self.managers, body: ["name": "Lamp"]),
        Route(method: "DELETE", path: Self.device, allowed: Self.managers),
        Route(method: "POST", path: "\(Self.device)/regenerate-token", allowed: Self.managers),
        Route(
            method: "POST", path: "\(Self.device)/command", allowed: Self.managers,
            body: ["actuator_key": "on", "value": "true"]
        ),
        Route(method: "GET", path: "\(Self.device)/sensors", allowed: Self.members),
        Route(
            method: "POST", path: "\(Self.device)/sensors", allowed: Self.managers, body: ["key": "t", "name": "T"]
        ),
        Route(method: "PUT", path: Self.sensor, allowed: Self.managers, body: ["name": "T"]),
        Route(method: "DELETE", path: Self.sensor, allowed: Self.managers),
        Route(method: "GET", path: "\(Self.device)/actuators", allowed: Self.members),
        Route(
            method: "POST", path: "\(Self.device)/actuators", allowed: Self.managers, body: ["key": "t", "name": "T"]
        ),
        Route(
            method: "PUT", path: "\(Self.device)/actuators/\(Self.nobody)", allowed: Self.managers,
            body: ["name": "T"]
        ),
        Route(method: "DELETE", path: "\(Self.device)/actuators/\(Self.nobody)", allowed: Self.managers),
        Route(method: "GET", path: "\(Self.sensor)/thresholds", allowed: Self.members),
        Route(
            method: "POST", path: "\(Self.sensor)/thresholds", allowed: Self.managers,
            body: ["type": "max", "value": 1]
        ),
        Route(method: "DELETE", path: "\(Self.sensor)/thresholds/\(Self.nobody)", allowed: Self.managers),
        Route(method: "GET", path: "\(Self.device)/telemetry/latest", allowed: Self.members),
        Route(
            method: "GET",
            path: "\(Self.device)/telemetry/history?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z",
            allowed: Self.members
        ),
        Route(method: "GET", path: "/alerts", allowed: Self.members),
        Route(method: "GET", path: "/alerts/count", allowed: Self.members),
        Route(method: "POST", path: "/alerts/\(Self.nobody)/resolve", allowed: Self.managers),
    ]

    @Test("is the same for all that is in it, and a stranger learns of nothing", arguments: Self.routes)
    func roles(route: Route) async throws {
        try await PlaceScene.run { scene in
            for person in Person.allCases {
                let answer = try await scene.send(route.method, scene.path + route.path, as: person, route.body)
                if route.allowed.contains(person) {
                    #expect([200, 201, 404].contains(answer.status), "\(person): \(answer.text)")
                } else {
                    #expect(answer.status == 403, "\(person): \(answer.text)")
                    try expectError(answer, 403, "forbidden")
                }
            }
            // Whether a place exists, or could, is told only to whoever would own it.
            for place in [Self.nobody, "no-uuid"] {
                for person in Person.allCases {
                    let path = "/api/places/\(place)\(route.path)"
                    let answer = try await scene.send(route.method, path, as: person, route.body)
                    let isTold = person == .stationOwner && !route.allowed.isEmpty
                    if isTold {
                        #expect(answer.status == 404, "\(place): \(answer.text)")
                    } else if person != .stationOwner {
                        #expect(answer.status == 403, "\(place): \(answer.text)")
                    }
                }
            }
        }
    }

    @Test("Only its owner, and the station's, delete a place", arguments: Person.allCases)
    func deletion(person: Person) async throws {
        try await PlaceScene.run { scene in
            let isAllowed = person == .owner || person == .stationOwner
            let answer = try await scene.send("DELETE", scene.path, as: person)
            expectStatus(answer, isAllowed ? 200 : 403)
            #expect(scene.station.hub.places(of: try scene.id(of: .viewer)).isEmpty == isAllowed)
        }
    }

    @Test("A device of another place is not found through this one, whoever asks")
    func otherPlace() async throws {
        try await PlaceScene.run { scene in
            let other = try await scene.station.addDevice("Elsewhere", type: "light")
            let path = "\(scene.path)/devices/\(other.id)"
            for person in [Person.owner, .stationOwner] {
                for (method, suffix, body) in [
                    ("GET", "", nil), ("DELETE", "", nil), ("GET", "/sensors", nil), ("GET", "/telemetry/latest", nil),
                    ("POST", "/regenerate-token", nil),
                    ("POST", "/command", ["actuator_key": "on", "value": "true"]),
                ] as [(String, String, JSONValue?)] {
                    let answer = try await scene.send(method, path + suffix, as: person, body)
                    try expectError(answer, 404, "device_not_found")
                }
            }
            #expect(scene.station.hub.device(other.id) != nil)
            #expect(scene.station.desk.sent.isEmpty)
        }
    }
}
