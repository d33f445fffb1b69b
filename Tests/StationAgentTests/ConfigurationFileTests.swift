import Foundation
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("Faults of the configuration file")
struct ConfigurationFileTests {
    @Test(
        "an unknown key is refused with its line and the nearest known one",
        arguments: [
            ("http:\n  prot: 1\n", "“http.prot”", 2, "key", "http.port"),
            ("prot: 1\n", "“prot”", 1, "key", "http.port"),
            ("htpp:\n  port: 1\n", "“htpp”", 1, "section", "http"),
            ("mqtt:\n  publichost: a\n", "“mqtt.publichost”", 2, "key", "mqtt.publicHost"),
            ("http:\n  tls:\n    cert: a\n", "“http.tls.cert”", 3, "key", "http.tls.certFile"),
            ("http:\n  tsl:\n    certFile: a\n", "“http.tsl”", 2, "section", "http.tls"),
            ("MQTT_URL: mqtt://a\n", "“MQTT_URL”", 1, "key", "mqtt.url"),
            ("\n\nstation:\n  nmae: a\n", "“station.nmae”", 4, "key", "station.name"),
            ("mqtt:\n  pub: a\n", "“mqtt.pub”", 2, "key", "mqtt.publicHost"),
            ("logs:\n  level: debug\n", "“logs”", 1, "section", "log"),
            ("http: {port: 1, prot: 2}\n", "“http.prot”", 1, "key", "http.port"),
            ("http.prot: 1\n", "“http.prot”", 1, "key", "http.port"),
        ])
    func unknown(yaml: String, subject: String, line: Int, kind: String, nearest: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let faults = try fixture.faults(yaml: yaml)
            #expect(
                faults == [
                    "\(subject), from \(fixture.filePath), line \(line): there is no such \(kind); "
                        + "the nearest one is “\(nearest)”."
                ])
        }
    }

    @Test("every key that is one letter off is led back to itself", arguments: ConfigurationCatalogue.rows.map(\.path))
    func oneLetterOff(path: String) {
        #expect(ConfigurationCatalogue.nearest(to: path + "x", isSection: false) == path)
        #expect(ConfigurationCatalogue.nearest(to: String(path.dropLast()), isSection: false) == path)
        #expect(ConfigurationCatalogue.nearest(to: path.uppercased(), isSection: false) == path)
    }

    @Test(
        "what should be a section, a single value or a list, but is something else",
        arguments: [
            ("http: 80\n", "http", 1, "it is a section, but its value is a single value", "host, port, tls, publicUrl"),
            (
                "http:\n  tls: [a]\n", "http.tls", 2, "but its value is a list",
                "certFile, keyFile, indented below “tls:”"
            ),
            ("http:\n  port:\n    a: 1\n", "http.port (PORT)", 2, "its value is a section", "a port from"),
            ("http:\n  port: [1]\n", "http.port (PORT)", 2, "its value is a list", "a port from"),
            ("http:\n  corsOrigins: [[a]]\n", "http.corsOrigins", 2, "an element of the list is a list", "scheme://"),
            ("http:\n  ? [a]\n  : 1\n", "http", 2, "a key is a list", "and not a name"),
        ])
    func shapes(yaml: String, subject: String, line: Int, reason: String, allowed: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let faults = try fixture.faults(yaml: yaml)
            let message = try #require(faults.first)
            #expect(faults.count == 1)
            #expect(message.hasPrefix(subject))
            #expect(message.contains("from \(fixture.filePath), line \(line): "))
            #expect(message.contains(reason))
            #expect(message.contains(allowed))
        }
    }

    @Test(
        "a key given twice is refused",
        arguments: [
            ("http:\n  port: 1\n  port: 2\n", "“port” is there twice"),
            ("http:\n  port: 1\nhttp.port: 2\n", "http.port (PORT)"),
        ])
    func twice(yaml: String, part: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let faults = try fixture.faults(yaml: yaml)
            #expect(faults.count == 1)
            #expect(faults.first?.contains(part) == true, "\(faults)")
            #expect(faults.first?.contains("line") == true)
            #expect(faults.first?.contains("there twice") == true)
        }
    }

    @Test(
        "broken YAML is named with file and line, and nothing of its text is shown",
        arguments: [
            ("http:\n\tport: 1\n", 2), ("agent:\n  token: \"hunter2\n", 3), ("http: [1, 2\n", 2),
            ("agent: {token: hunter2\nhttp:\n", 2), ("a: *unknown\n", 1), ("--- 1\n--- 2\n", 2),
        ])
    func syntax(yaml: String, line: Int) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let faults = try fixture.faults(yaml: yaml)
            #expect(faults.count == 1)
            #expect(
                faults.first?.hasPrefix("\(fixture.filePath), line \(line): the file is not valid YAML: ") == true,
                "\(faults)")
            #expect(faults.first?.contains("hunter2") == false)
        }
    }

    @Test(
        "a file that is a list or a word, not UTF-8, or too large",
        arguments: [
            (Data("- a\n".utf8), "the file is a list and not a list of sections"),
            (Data("hello\n".utf8), "the file is a single value and not a list of sections"),
            (Data([0x61, 0x3A, 0x20, 0xFF]), "the file is not UTF-8 text"),
            (Data(repeating: 0x23, count: 300_000), "is larger than 262144 bytes"),
        ])
    func unusable(content: Data, part: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            try content.write(to: URL(filePath: fixture.filePath))
            do {
                _ = try fixture.load(file: fixture.filePath)
                Issue.record("the file was taken")
            } catch let errors as ConfigurationErrors {
                #expect(errors.errors.count == 1)
                #expect(errors.description.contains(fixture.filePath))
                #expect(errors.description.contains(part), "\(errors)")
            }
        }
    }

    @Test("a file named on the command line must be there and be a file")
    func absent() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            func message(_ path: String) -> String {
                do {
                    _ = try fixture.load(file: path)
                    return "no fault"
                } catch {
                    return "\(error)"
                }
            }
            let path = fixture.directory.path("nowhere.yaml")
            #expect(
                message(path) == "The configuration has a fault:\n"
                    + "  - \(path): there is no such file. Allowed: a YAML file that the agent may read.")
            #expect(message(fixture.directory.path()).contains("cannot be read: Is a directory"))
        }
    }
}
