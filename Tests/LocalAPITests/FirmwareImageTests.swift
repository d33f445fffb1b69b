import Foundation
import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Images for devices: GET /firmware/{file}")
struct FirmwareImageTests {
    @Test("The whole image comes from the disk, with its length, its mark and no token asked for")
    func whole() async throws {
        try await LocalAPIFixture.run { station in
            let image = FakeImage(chip: .esp32, size: 1_000_003)
            let firmware = try await station.addFirmware("0.1.33", image: image)
            #expect(firmware.file.description == "esp32-light@0.1.33.bin")
            for path in ["/firmware/esp32-light@0.1.33.bin", "/firmware/esp32-light%400.1.33.bin"] {
                let answer = try await station.stranger.get(path)
                #expect(answer.status == 200 && answer.body == image.bytes)
                #expect(answer["Content-Length"] == "1000003")
                #expect(answer["Content-Type"] == "application/octet-stream")
                #expect(answer["Accept-Ranges"] == "bytes")
                #expect(try answer["ETag"] == "\"\(image.checksum)\"")
            }
            let head = try await station.stranger.send("HEAD", "/firmware/\(firmware.file)")
            #expect(head.status == 200 && head["Content-Length"] == "1000003" && head.body.isEmpty)
            #expect(head["ETag"] == "\"\(firmware.checksum)\"")
        }
    }

    @Test("A version with build metadata has a plus in its address, which is no blank")
    func plus() async throws {
        try await LocalAPIFixture.run { station in
            let firmware = try await station.addFirmware("1.0.0+a.b")
            expectStatus(try await station.stranger.get("/firmware/\(firmware.file)"), 200)
            expectStatus(try await station.stranger.get("/firmware/esp32-light@1.0.0%2Ba.b.bin"), 200)
            expectStatus(try await station.stranger.get("/firmware/esp32-light@1.0.0%20a.b.bin"), 404)
        }
    }

    @Test("Ranges of an image of 1000 bytes")
    func ranges() async throws {
        try await LocalAPIFixture.run { station in
            let image = FakeImage(chip: .esp32, size: 1000)
            let firmware = try await station.addFirmware("1.0", image: image)
            let parts: [(String, Range<Int>)] = [
                ("bytes=0-0", 0..<1), ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1000),
                ("bytes=990-", 990..<1000), ("bytes=-1", 999..<1000), ("bytes=-1000", 0..<1000),
                ("bytes=-5000", 0..<1000), ("bytes=999-5000", 999..<1000), ("BYTES=1-2", 1..<3),
                ("bytes=0-99999999999999999999999", 0..<1000),
            ]
            for (field, range) in parts {
                let answer = try await station.stranger.get("/firmware/\(firmware.file)", headers: ["Range": field])
                #expect(answer.status == 206, "\(field)")
                #expect(answer.body == Array(image.bytes[range]), "\(field)")
                #expect(answer["Content-Range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/1000")
                #expect(answer["Content-Length"] == "\(range.count)")
                #expect(answer["ETag"] == "\"\(firmware.checksum)\"")
            }
            for field in [
                "bytes=0-1,3-4", "bytes=5-4", "bytes=-", "bytes=a-b", "bytes=+1-2", "bytes=1", "bytes", "lines=0-1",
                "bytes=1-2-3", "", "bytes= 1-2",
            ] {
                let answer = try await station.stranger.get("/firmware/\(firmware.file)", headers: ["Range": field])
                #expect(answer.status == 200 && answer.body == image.bytes, "\(field)")
                #expect(answer["Content-Range"] == nil)
            }
            for field in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999999-"] {
                let answer = try await station.stranger.get("/firmware/\(firmware.file)", headers: ["Range": field])
                try expectError(answer, 416, "range_not_satisfiable")
                #expect(answer["Content-Range"] == "bytes */1000", "\(field)")
            }
            let head = try await station.stranger.send(
                "HEAD", "/firmware/\(firmware.file)", headers: ["Range": "bytes=0-1"]
            )
            #expect(head.status == 200 && head["Content-Length"] == "1000")
        }
    }

    @Test("What the caller has is not sent again, and a range of something else is not sent at all")
    func conditions() async throws {
        try await LocalAPIFixture.run { station in
            let firmware = try await station.addFirmware("1.0")
            let (path, tag) = ("/firmware/\(firmware.file)", "\"\(firmware.checksum)\"")
            for known in [tag, "W/\(tag)", "*", "\"other\", \(tag)", "\"a\",\(tag),\"b\""] {
                for method in ["GET", "HEAD"] {
                    let answer = try await station.stranger.send(method, path, headers: ["If-None-Match": known])
                    #expect(answer.status == 304 && answer.body.isEmpty && answer["ETag"] == tag, "\(known)")
                }
            }
            for known in ["\"other\"", "\(firmware.checksum)", ""] {
                expectStatus(try await station.stranger.get(path, headers: ["If-None-Match": known]), 200)
            }
            for (condition, status) in [
                (tag, 206), ("\"other\"", 200), ("W/\(tag)", 200), ("Sat, 21 Nov 2026 08:30:00 GMT", 200),
            ] {
                let answer = try await station.stranger.get(
                    path, headers: ["Range": "bytes=0-9", "If-Range": condition]
                )
                #expect(answer.status == status, "\(condition)")
            }
        }
    }

    @Test(
        "Nothing but a registered image is given",
        arguments: [
            "/firmware/", "/firmware/manifest.json", "/firmware/secret.bin", "/firmware/link.bin", "/firmware/.",
            "/firmware/..", "/firmware/../station.sqlite", "/firmware/..%2fsecrets.json",
            "/firmware/%2e%2e%2fsecrets.json", "/firmware/..%5csecrets.json", "/firmware/%2fetc%2fpasswd",
            "/firmware//etc/passwd", "/firmware/good.bin%00", "/firmware/%00", "/firmware/%zz", "/firmware/.upload-x",
            "/firmware/%ff", "/firmware/good.bin/", "/firmware/x%0d%0aX-Evil:%201",
            "/firmware/" + String(repeating: "a", count: 129),
        ]
    )
    func paths(path: String) async throws {
        try await LocalAPIFixture.run { station in
            let directory = station.firmware.directory.path
            let secret = FakeImage(chip: .esp32, seed: 7).bytes
            try Data(secret).write(to: URL(filePath: directory + "/secret.bin"))
            try Data(secret).write(to: URL(filePath: directory + "/manifest.json"))
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/link.bin", withDestinationPath: directory + "/secret.bin"
            )
            let answer = try await station.stranger.get(path)
            #expect([400, 404].contains(answer.status), "\(answer.status)")
            #expect(answer.body.firstRange(of: secret) == nil)
            #expect(answer["X-Evil"] == nil)
        }
    }

    @Test("A link in the place of a registered image is not followed, and a changed image is not given as if it were")
    func replaced() async throws {
        try await LocalAPIFixture.run { station in
            let firmware = try await station.addFirmware("1.0")
            let path = "\(station.firmware.directory.path)/\(firmware.file)"
            try Data([0xE9, 1]).write(to: URL(filePath: path))
            try expectError(try await station.stranger.get("/firmware/\(firmware.file)"), 503, "firmware_changed")
            try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".moved")
            let answer = try await station.stranger.get("/firmware/\(firmware.file)")
            try expectError(answer, 404, "firmware_file_not_found")
            #expect(!answer.text.contains(station.firmware.directory.path))
        }
    }
}
