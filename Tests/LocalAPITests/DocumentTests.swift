import Hummingbird
import StationCore
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The OpenAPI document")
struct DocumentTests {
    /// Answers of the server by which a route shows that it is there: everything but “no such route or method”.
    private static func exists(_ answer: HTTPAnswer) throws -> Bool {
        let code = answer.text.isEmpty ? nil : try? answer.json["code"]
        return code != .string("route_not_found") && answer.status != 405
    }

    private static let placeholders = [
        "key": "colour", "file": "none.bin", "sensor": "01890000-0000-7000-8000-000000000001",
    ]

    private static func address(of path: String) -> String {
        path.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return String(part) }
            return Self.placeholders[String(part.dropFirst().dropLast())] ?? "01890000-0000-7000-8000-000000000009"
        }.reduce("") { "\($0)/\($1)" }
    }

    @Test("Whatever it describes is there, with that method and no other")
    func describedRoutesExist() async throws {
        try await LocalAPIFixture.run { station in
            let document = try await station.stranger.get("/openapi.json").json
            let paths = try #require(document["paths"]?.objectValue)
            #expect(paths.count > 20)
            for path in paths.members {
                let described = Set(path.value.objectValue?.members.map { $0.key.uppercased() } ?? [])
                let address = Self.address(of: path.key)
                let options = try await station.stranger.send("OPTIONS", address)
                let allowed = Set((options["Allow"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } })
                #expect(allowed.subtracting(["OPTIONS", "HEAD"]) == described, "\(path.key)")
                for method in described {
                    let answer = try await station.stranger.send(method, address)
                    #expect(try Self.exists(answer), "\(method) \(path.key)")
                }
            }
        }
    }

    @Test("Whatever the router takes is described")
    func routesAreDescribed() async throws {
        let parts = try await LocalAPIParts.make()
        let document = OpenAPIDocument(endpoints: parts.router.book.endpoints, version: "1").json
        let described = Set(
            (document["paths"]?.objectValue?.members ?? []).flatMap { path in
                (path.value.objectValue?.members ?? []).map { "\($0.key.uppercased()) \(path.key)" }
            }
        )
        let routed = Set(parts.router.build().routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(routed == described)
        #expect(described.count == parts.router.book.endpoints.count)
    }

    @Test("Every operation has a name of its own, a summary, a success, and a schema for each error")
    func operationsAreComplete() async throws {
        try await LocalAPIFixture.run { station in
            let document = try await station.stranger.get("/openapi.json").json
            let components = try #require(document["components"]?["schemas"]?.objectValue)
            var names: Set<String> = []
            for path in document["paths"]?.objectValue?.members ?? [] {
                for method in path.value.objectValue?.members ?? [] {
                    let operation = method.value
                    let name = try #require(operation["operationId"]?.stringValue)
                    #expect(names.insert(name).inserted, "\(name) is there twice")
                    #expect(operation["summary"]?.stringValue?.hasSuffix(".") == true, "\(name)")
                    let responses = operation["responses"]?.objectValue?.members ?? []
                    #expect(responses.contains { $0.key.hasPrefix("2") || $0.key == "101" }, "\(name)")
                    for response in responses where response.key.hasPrefix("4") {
                        let schema = response.value["content"]?["application/json"]?["schema"]?["$ref"]
                        #expect(schema == "#/components/schemas/Error", "\(name) \(response.key)")
                    }
                }
            }
            // Every reference leads somewhere.
            for part in document.description.split(separator: "#/components/schemas/").dropFirst() {
                let name = String(part.prefix { $0 != "\"" })
                #expect(components[name] != nil, "\(name)")
            }
        }
    }

    @Test("A route behind a hook says what it wants to be shown")
    func securityIsDescribed() async throws {
        try await LocalAPIFixture.run { station in
            let document = try await station.stranger.get("/openapi.json").json
            for path in document["paths"]?.objectValue?.members ?? [] {
                for method in path.value.objectValue?.members ?? [] where method.value["security"] == nil {
                    let answer = try await station.stranger.send(method.key.uppercased(), Self.address(of: path.key))
                    #expect(answer.status != 401 || path.key.hasPrefix("/api/auth/"), "\(method.key) \(path.key)")
                }
            }
        }
    }

    @Test("The page for people is complete in itself: no script, nothing from elsewhere")
    func page() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.stranger.get("/docs")
            expectStatus(answer, 200)
            #expect(answer["Content-Type"] == "text/html; charset=utf-8")
            #expect(answer["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'sha256-") == true)
            #expect(
                !answer.text.contains("<script") && !answer.text.contains("src=") && !answer.text.contains("http://"))
            for path in ["/api/devices", "/api/auth/login", "/api/health"] { #expect(answer.text.contains(path)) }
        }
    }
}
