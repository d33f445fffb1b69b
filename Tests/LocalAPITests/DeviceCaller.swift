import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

/// A device that speaks HTTP with its token.
struct DeviceCaller {
    let device: Device
    let token: Secret
    let probe: HTTPProbe

    func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        var headers = headers
        headers["X-Device-Token"] = self.token.revealed
        return try await self.probe.send(method, path, headers: headers, body: body)
    }

    func get(_ path: String) async throws -> HTTPAnswer {
        try await self.send("GET", path)
    }

    func post(_ path: String, json: JSONValue) async throws -> HTTPAnswer {
        try await self.send(
            "POST", path, headers: ["Content-Type": "application/json"], body: json.serialized()
        )
    }
}

extension LocalAPIFixture {
    func addCaller(_ name: String, type: String? = nil) async throws -> DeviceCaller {
        let (device, token) = try await self.hub.addDevice(NewDevice(name: name, type: type))
        return DeviceCaller(device: device, token: token, probe: self.stranger)
    }

    /// A device says over MQTT what it is.
    func shakeHands(_ device: Device, type: String, firmware: String, chip: String) async {
        _ = await self.hub.ingest([
            DeviceReport(
                sender: device.externalID, address: DeviceAddress(dialect: .smarthome, scope: "s1"),
                content: .handshake(Handshake(type: type, firmwareVersion: firmware, chip: chip, kitTag: nil))
            )
        ])
    }

    /// An image that is there, as if it had been uploaded.
    func addFirmware(
        _ version: String, type: String = "light", image: FakeImage = FakeImage(chip: .esp32)
    ) async throws -> Firmware {
        let upload = try await self.firmware.directory.beginUpload()
        try await upload.append(image.bytes)
        return try await self.firmware.add(
            upload, type: type, chip: nil, version: try #require(SemanticVersion(version)), checksum: nil
        ).firmware
    }

    /// Everything in the firmware directory, hidden files too.
    var firmwareFiles: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: self.firmware.directory.path).sorted() }
    }

    /// Under which devices reach the station.
    var publicURL: String { "http://station.test:\(self.port)" }
}
