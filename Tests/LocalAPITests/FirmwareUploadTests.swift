import Foundation
import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Uploads of firmware")
struct FirmwareUploadTests {
    private static let octets = "application/octet-stream"

    private static func upload(
        _ bytes: [UInt8], _ query: String, by caller: HTTPProbe, type: String = Self.octets,
        headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var headers = headers
        headers["Content-Type"] = type
        return try await caller.send("POST", "/api/firmware?\(query)", headers: headers, body: bytes)
    }

    @Test("An image that is uploaded is listed, given to devices, and gone when it is thrown away")
    func life() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            let image = FakeImage(chip: .esp32c3, size: 300_000)
            let answer = try await Self.upload(
                image.bytes, "type=switch-pir&version=0.1.33&chip=ESP32-C3&sha256=\(image.checksum)", by: owner
            )
            expectStatus(answer, 201)
            let json = try answer.json
            #expect(json["type"] == "switch-pir" && json["chip"] == "esp32-c3" && json["version"] == "0.1.33")
            #expect(json["size"] == 300_000)
            #expect(try json["checksum"] == .string(image.checksum.description))
            #expect(json["file"] == "esp32-c3-switch-pir@0.1.33.bin")
            #expect(
                json["url"] == .string("\(station.publicURL)/firmware/esp32-c3-switch-pir@0.1.33.bin")
            )
            let again = try await Self.upload(image.bytes, "type=switch-pir&version=v0.1.33", by: owner)
            expectStatus(again, 200)
            #expect(try again.json == json)

            #expect(try await owner.get("/api/firmware").json == [json])
            #expect(try await owner.get("/api/firmware?page=1").json["total"] == 1)
            let file = try await station.stranger.get("/firmware/esp32-c3-switch-pir@0.1.33.bin")
            #expect(file.body == image.bytes)

            let path = "/api/firmware/\(json["id"]?.stringValue ?? "")"
            expectStatus(try await owner.delete(path), 204)
            try expectError(try await owner.delete(path), 404, "firmware_not_found")
            try expectError(try await owner.delete("/api/firmware/x"), 404, "firmware_not_found")
            #expect(try await owner.get("/api/firmware").json == [])
            #expect(try station.firmwareFiles.isEmpty)
        }
    }

    @Test("Another content with a version that is there is a conflict")
    func conflict() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            expectStatus(try await Self.upload(FakeImage(chip: .esp32).bytes, "type=light&version=1.0", by: owner), 201)
            let other = FakeImage(chip: .esp32, seed: 2)
            try expectError(
                try await Self.upload(other.bytes, "type=light&version=1.0.0", by: owner), 409, "conflict"
            )
            #expect(try station.firmwareFiles == ["esp32-light@1.0.bin"])
        }
    }

    @Test("What is not what it should be is refused and leaves nothing behind")
    func refusals() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            let image = FakeImage(chip: .esp32)
            let wrong = String(repeating: "0", count: 64)
            let good = "type=light&version=1.0"
            func expect(
                _ status: Int, _ code: String, _ bytes: [UInt8], _ query: String, type: String = Self.octets,
                headers: [String: String] = [:]
            ) async throws {
                let answer = try await Self.upload(bytes, query, by: owner, type: type, headers: headers)
                try expectError(answer, status, code)
            }
            try await expect(422, "firmware_invalid", Array("<html>not found</html>".utf8), good)
            try await expect(422, "firmware_invalid", [UInt8](repeating: 0x7F, count: 500_000), good)
            try await expect(422, "firmware_invalid", Array(image.bytes.prefix(20)), good)
            try await expect(422, "firmware_invalid", [], good)
            try await expect(422, "firmware_wrong_chip", image.bytes, good + "&chip=esp32s3")
            try await expect(422, "firmware_checksum_mismatch", image.bytes, good + "&sha256=\(wrong)")
            try await expect(
                422, "firmware_checksum_mismatch", image.bytes, good, headers: ["X-Checksum-SHA256": wrong]
            )
            try await expect(415, "unsupported_media_type", image.bytes, good, type: "application/json")
            for (query, fault) in [
                ("version=1.0", "query.type missing"), ("type=light", "query.version missing"),
                ("type=light&version=new", "query.version value_error"),
                ("type=..%2fx&version=1", "query.type value_error"), ("type=&version=1", "query.type value_error"),
                (good + "&chip=avr", "query.chip value_error"), (good + "&sha256=abc", "query.sha256 value_error"),
                (good + "&file=x", "query.file extra_forbidden"),
            ] {
                let answer = try await Self.upload(image.bytes, query, by: owner)
                expectStatus(answer, 422)
                #expect(try faults(answer) == [fault], "\(query)")
            }
            let both = try await Self.upload(
                image.bytes, good + "&sha256=\(image.checksum)", by: owner, headers: ["X-Checksum-SHA256": wrong]
            )
            #expect(try faults(both) == ["query.sha256 value_error"])
            try await eventually("nothing is left") { try station.firmwareFiles.isEmpty }
            #expect(try await station.hub.firmwares().isEmpty)
        }
    }

    @Test("More than 16 MiB is refused before it is sent, and also when nobody said how much it would be")
    func tooLarge() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            let head =
                "POST /api/firmware?type=light&version=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + "Authorization: Bearer \(owner.token?.revealed ?? "")\r\nContent-Type: \(Self.octets)\r\n"
            try await RawConnection.run(
                port: station.port, sending: head + "Content-Length: \(16 * 1024 * 1024 + 1)\r\n\r\n"
            ) { connection in
                try expectError(try await connection.answer(), 413, "body_too_large")
                try await connection.closed()
            }
            try await RawConnection.run(port: station.port, sending: head + "Transfer-Encoding: chunked\r\n\r\n") {
                connection in
                var chunk = FakeImage(chip: .esp32, size: 1024 * 1024).bytes
                for _ in 0..<16 {
                    connection.send("100000\r\n")
                    connection.send(chunk)
                    connection.send("\r\n")
                    chunk = [UInt8](repeating: 0, count: chunk.count)
                }
                connection.send("1\r\n0\r\n")
                try expectError(try await connection.answer(), 413, "body_too_large")
                try await connection.closed()
            }
            try await eventually("nothing is left") { try station.firmwareFiles.isEmpty }
        }
    }

    @Test("An upload that is cut short leaves nothing behind")
    func cutShort() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            try await RawConnection.run(
                port: station.port,
                sending: "POST /api/firmware?type=light&version=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Authorization: Bearer \(owner.token?.revealed ?? "")\r\nContent-Type: \(Self.octets)\r\n"
                    + "Content-Length: 100000\r\n\r\n"
            ) { connection in
                connection.send(FakeImage(chip: .esp32, size: 50_000).bytes)
                try await eventually("the image comes in") { try !station.firmwareFiles.isEmpty }
            }
            try await eventually("nothing is left") { try station.firmwareFiles.isEmpty }
            #expect(try await station.hub.firmwares().isEmpty)
        }
    }

    @Test("An upload that takes too long is given up")
    func tooSlow() async throws {
        var limits = LocalAPILimits()
        limits.imageTime = .milliseconds(50)
        try await LocalAPIFixture.run(limits: limits) { station in
            let owner = station.api
            try await RawConnection.run(
                port: station.port,
                sending: "POST /api/firmware?type=light&version=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Authorization: Bearer \(owner.token?.revealed ?? "")\r\nContent-Type: \(Self.octets)\r\n"
                    + "Content-Length: 100000\r\n\r\n"
            ) { connection in
                try expectError(try await connection.answer(), 408, "body_too_slow")
                try await connection.closed()
            }
            try await eventually("nothing is left") { try station.firmwareFiles.isEmpty }
        }
    }

    @Test("Only the owner uploads and throws away; administrators see the list; members and strangers nothing")
    func roles() async throws {
        try await LocalAPIFixture.run { station in
            let owner = station.api
            let administrator = try await station.person(.admin)
            let member = try await station.person(.member)
            let image = FakeImage(chip: .esp32)
            let firmware = try await station.addFirmware("1.0")
            for (caller, status) in [
                (administrator, 403), (member, 403), (station.stranger, 401), (station.agent, 401),
            ] {
                expectStatus(try await Self.upload(image.bytes, "type=light&version=2", by: caller), status)
                expectStatus(try await caller.delete("/api/firmware/\(firmware.id)"), status)
            }
            for (caller, status) in [(owner, 200), (administrator, 200), (member, 403), (station.stranger, 401)] {
                expectStatus(try await caller.get("/api/firmware"), status)
            }
            #expect(try await station.hub.firmwares() == [firmware])
        }
    }
}
