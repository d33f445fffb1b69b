import StationCore
import Testing

@Suite("Semantic versions")
struct SemanticVersionTests {
    @Test(
        "Each of these comes before the next",
        arguments: [
            // The standard's own examples (2, 11).
            ["1.0.0", "2.0.0", "2.1.0", "2.1.1"],
            ["1.9.0", "1.10.0", "1.11.0"],
            [
                "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
                "1.0.0-rc.1", "1.0.0",
            ],
            // What the field writes.
            ["0.1.9", "0.1.10", "0.1.32", "0.1.33", "0.2", "v0.2.1", "V0.2.2", "1"],
            ["1.2", "1.2.0.1", "1.2.1"],
            ["0.9", "0.10", "00.11"],
            ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0--", "1.0.0-A", "1.0.0-a"],
            ["18446744073709551615.0.0", "18446744073709551616.0.0", "100000000000000000000.0.0"],
        ]
    )
    func precedence(texts: [String]) throws {
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        for (index, one) in versions.enumerated() {
            for (other, second) in versions.enumerated() {
                #expect((one < second) == (index < other), "\(one) < \(second)")
                #expect((one == second) == (index == other), "\(one) == \(second)")
            }
        }
    }

    @Test(
        "These are the same version",
        arguments: [
            ("1.0.0", "1.0.0+build.5"), ("1.0.0+a", "1.0.0+b"), ("1", "1.0.0"), ("v1.2.3", "1.2.3"),
            ("1.2.3", "1.2.3.0"), ("01.2.3", "1.2.3"), ("1.0.0-rc.1", "1.0-rc.1"),
        ]
    )
    func equality(one: String, other: String) throws {
        let first = try #require(SemanticVersion(one))
        let second = try #require(SemanticVersion(other))
        #expect(first == second && !(first < second) && !(second < first))
        #expect(first.hashValue == second.hashValue)
        #expect(first.description == one)
    }

    @Test(
        "These are no versions",
        arguments: [
            "", "v", "vv1", "one", "1.", ".1", "1..2", "1.2.3-", "1.2.3+", "1.2.3-a..b", "1.2.3-ä", "1.2.3 ", " 1.2.3",
            "-1", "1.2.x", "1.2.3/4", "1.2.3\0", "１.2.3", "1.2.3-" + String(repeating: "a", count: 26),
        ]
    )
    func refusal(text: String) {
        #expect(SemanticVersion(text) == nil)
    }
}
