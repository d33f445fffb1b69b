import StationCore
import StationData
import Testing

@testable import StationAgent

@Suite("The mask of a support archive")
struct SecretMaskTests {
    private static func masked(_ text: String, _ secrets: [String] = []) -> String {
        String(decoding: SecretMask(secrets.map { Secret($0) }).applied(to: Array(text.utf8)), as: UTF8.self)
    }

    @Test("hides what it was told, wherever it stands and as JSON writes it")
    func known() {
        #expect(Self.masked("a hunter2 and hunter2", ["hunter2"]) == "a ••• and •••")
        #expect(Self.masked("hunter22", ["hunter2", "hunter22"]) == "•••")
        let quoted = #"say "friend" \ ü"#
        #expect(!Self.masked(JSONValue.object(["x": .string(quoted)]).description, [quoted]).contains("friend"))
        // Too short to be one; a mask on it would take everything apart.
        #expect(Self.masked("a text with a", ["a", ""]) == "a text with a")
    }

    @Test(
        "hides what nobody told it but looks like a secret",
        arguments: [
            OpaqueToken.make().revealed, "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$7$101$+Bjs6xzPZzLljDAT$LfRrssq7Eq5/ZNQucgQYpalmqvMwdylkUiItt1izYS6Q9lvMg6U4QtdH5yZzGcx9",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ."
                + "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
        ])
    func looks(secret: String) {
        for frame in [("", ""), ("x=", " y"), ("\"", "\","), ("http://h/a?x=", "&b=1"), ("hash ", "\nnext")] {
            let shown = Self.masked(frame.0 + secret + frame.1)
            for part in secret.split(whereSeparator: { ".$/+".contains($0) }) where part.count > 8 {
                #expect(!shown.contains(part), "\(shown)")
            }
            #expect(shown.hasPrefix(frame.0.prefix(1)) && shown.hasSuffix(frame.1.suffix(1)), "\(shown)")
        }
    }

    @Test(
        "hides what stands behind a telling name, and whose address it is",
        arguments: [
            ("password=sesame next", "password=••• next"), (#"{"psk": "sesame open","x":1}"#, #"{"psk": "•••","x":1}"#),
            ("Authorization: Bearer sesame", "Authorization: Bearer •••"), ("token:sesame;", "token:•••;"),
            ("deviceToken=sesame&x=1", "deviceToken=•••&x=1"), ("mail to a.b+c@example.org, now", "mail to •••, now"),
        ])
    func named(text: String, expected: String) {
        #expect(Self.masked(text) == expected)
    }

    @Test(
        "leaves alone what helps",
        arguments: [
            "station_http_refused_connections_total{reason=\"bad_token\"} 3", "550e8400-e29b-41d4-a716-446655440000",
            "/var/lib/station-agent/station.sqlite", "station/+/device/lamp/handshake", "2026-11-24T10:00:00.000Z",
            "station-agent device token NAME", "jwt.secret  •••  the environment variable JWT_SECRET",
            "B8:27:EB:00:00:01", #"{"refresh_tokens":3,"x":1}"#,
        ])
    func harmless(text: String) {
        #expect(Self.masked(text) == text)
    }
}
