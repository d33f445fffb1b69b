import StationCore
import Testing

@testable import HostControl

@Suite("What the LAN is told")
struct StationAnnouncementTests {
    private static func announcement(name: String, version: String = "1.0") throws -> StationAnnouncement {
        StationAnnouncement(
            name: name, id: try #require(StationID("s")), version: version, isClaimed: true, httpPort: 80)
    }

    @Test(
        "has a name that DNS takes",
        arguments: [
            ("Station", "Station"), ("", "Station"), ("  ", "Station"), ("a\0b", "ab"),
            (String(repeating: "x", count: 80), String(repeating: "x", count: 63)),
            // 21 characters of 3 bytes; one more would be cut in its middle.
            (String(repeating: "水", count: 30), String(repeating: "水", count: 21)),
        ])
    func label(name: String, expected: String) throws {
        #expect(try Self.announcement(name: name).label == expected)
    }

    @Test("has texts that DNS takes")
    func texts() throws {
        let announcement = try Self.announcement(name: "S", version: String(repeating: "1", count: 400))
        #expect(announcement.texts.map(\.count) == [4, 255, 9])
        #expect(announcement.texts.last == Array("claimed=1".utf8))
    }
}
