import StationCore
import StationTestSupport
import Testing

@testable import Accounts

@Suite("Wycheproof's JSON Web Signatures")
struct IssuerVectorTests {
    private static let isMissing: Comment = "../shared/vectors/jwt is not here"

    private struct Vector {
        let name: String
        let keys: [JSONObject]
        let token: String
        let isValid: Bool

        /// Whether its key is one that the station takes.
        var isOurs: Bool {
            self.keys.contains { ["RS256", "ES256"].contains($0["alg"]?.stringValue) && $0["kty"] != "oct" }
        }

        /// The keys are weak in a way that nobody sees without looking for it.
        var isROCA: Bool { self.name.contains("RocaVulnerability") }
    }

    @Test(
        "those of RS256 and ES256 keys are judged as they should be, all others refused",
        .enabled(if: VectorFiles.jwt != nil, isMissing),
        arguments: ["json_web_signature_test.json", "json_web_key_test.json"])
    func signatures(file: String) async throws {
        let vectors = try Self.vectors(try #require(VectorFiles.jwt).file(file))
        var taken = 0
        for vector in vectors where !vector.isROCA {
            let isTaken = await Self.isTaken(vector)
            #expect(isTaken == (vector.isValid && vector.isOurs), "\(vector.name)")
            taken += isTaken ? 1 : 0
        }
        #expect(vectors.count > 20 && taken > 0)
    }

    private static func isTaken(_ vector: Vector) async -> Bool {
        guard let token = CompactToken(vector.token),
            let keys = try? await IssuerKeySet(jwks: IssuerFixture.document(vector.keys))
        else { return false }
        return (try? keys.check(token)) != nil
    }

    private static func vectors(_ file: VectorFiles.File) throws -> [Vector] {
        let document = try JSONValue.parse(file.bytes)
        return (document["testGroups"]?.arrayValue ?? []).flatMap { group -> [Vector] in
            let key = group["public"] ?? group["private"]
            let keys = key?["keys"]?.arrayValue ?? key.map { [$0] } ?? []
            return (group["tests"]?.arrayValue ?? []).compactMap { test in
                guard let token = test["jws"]?.stringValue else { return nil }
                return Vector(
                    name: "\(test["tcId"] ?? .null) \(test["comment"]?.stringValue ?? "")",
                    keys: keys.compactMap(\.objectValue), token: token, isValid: test["result"] == "valid")
            }
        }
    }
}
