import StationCore
import Testing

@Suite("Which firmware a device is offered")
struct UpdateRuleTests {
    private static func firmware(
        _ version: String, type: String = "light", chip: FirmwareChip = .esp32
    ) throws -> Firmware {
        Firmware(
            id: .make(at: Timestamp(milliseconds: 0)), type: type, chip: chip,
            version: try #require(SemanticVersion(version)),
            file: try #require(FirmwareFileName("\(chip)-\(type)@\(version).bin")), size: 1,
            checksum: try #require(FileChecksum(bytes: [UInt8](repeating: 0, count: 32))),
            createdAt: Timestamp(milliseconds: 0)
        )
    }

    @Test("The newest by version, for its type and chip only, and never an older one")
    func newest() throws {
        let firmwares = try [
            Self.firmware("0.1.9"), Self.firmware("0.1.10"), Self.firmware("0.1.8"),
            Self.firmware("0.2.0", type: "pir"), Self.firmware("0.3.0", chip: .esp32c3),
        ]
        for (version, offered) in [
            ("0.1.7", "0.1.10"), ("0.1.9", "0.1.10"), ("v0.1.9", "0.1.10"), ("0.1.10-rc.1", "0.1.10"),
            ("0.1.10", nil), ("0.1.10+local", nil), ("0.1.11", nil), ("1", nil),
        ] {
            let running = try #require(RunningFirmware(type: "light", chip: "ESP32", version: version))
            let found = UpdateRule().newest(of: firmwares, for: running, except: [])
            #expect(found?.version.description == offered, "\(version)")
        }
    }

    @Test("What was failed too often is passed over")
    func failed() throws {
        let firmwares = try [Self.firmware("0.1.9"), Self.firmware("0.1.10")]
        let running = try #require(RunningFirmware(type: "light", chip: "esp32", version: "0.1.8"))
        let rule = UpdateRule()
        #expect(rule.newest(of: firmwares, for: running, except: [firmwares[1].id]) == firmwares[0])
        #expect(rule.newest(of: firmwares, for: running, except: Set(firmwares.map(\.id))) == nil)
    }

    @Test("A device that does not tell what it runs, or in words unknown, is given nothing")
    func unknown() {
        #expect(RunningFirmware(type: nil, chip: "esp32", version: "1") == nil)
        #expect(RunningFirmware(type: "light", chip: nil, version: "1") == nil)
        #expect(RunningFirmware(type: "light", chip: "esp32", version: nil) == nil)
        #expect(RunningFirmware(type: "light", chip: "esp8266", version: "1") == nil)
        #expect(RunningFirmware(type: "light", chip: "esp32", version: "dev") == nil)
    }
}
