import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Firmware images and their files")
struct FirmwareLibraryTests {
    // MARK: Uploads

    @Test("An image that is received is stored under its own name, for the agent's user alone, and survives a restart")
    func upload() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32c3, version: "0.1.33", size: 200_001)
            let (firmware, isNew) = try await shop.add(
                "0.1.33", type: "switch-pir", image: image, chip: .esp32c3, checksum: image.checksum
            )
            #expect(isNew)
            #expect(firmware.file.description == "esp32-c3-switch-pir@0.1.33.bin")
            #expect(firmware.type == "switch-pir" && firmware.chip == .esp32c3)
            #expect(firmware.size == image.bytes.count)
            #expect(try firmware.checksum == image.checksum)
            #expect(try shop.files == [firmware.file.description])
            #expect(try shop.content(firmware.file.description) == image.bytes)
            let modes = try [shop.path, "\(shop.path)/\(firmware.file)"].map { path in
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            #expect(modes == [0o700, 0o600])
            let again = try await shop.station.restarted()
            #expect(try await again.hub.firmwares() == [firmware])
            #expect(try await again.hub.firmware(firmware.id) == firmware)
        }
    }

    @Test("The same image again changes nothing; another one with this version is a conflict; a restart in between too")
    func twice() async throws {
        try await FirmwareShop.run { shop in
            let (first, _) = try await shop.add("0.1.10")
            for version in ["0.1.10", "v0.1.10", "0.1.10+other"] {
                let (second, isNew) = try await shop.add(version)
                #expect(second == first && !isNew)
            }
            let other = FakeImage(chip: .esp32, seed: 2)
            let error = await #expect(throws: StoreError.self) { try await shop.add("0.1.10.0", image: other) }
            guard case .conflict("version", "0.1.10.0", let message)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("0.1.10 for light on esp32") && message.contains(first.checksum.description))
            #expect(try shop.files == [first.file.description])
            #expect(try shop.content(first.file.description) == FakeImage(chip: .esp32).bytes)
            #expect(shop.station.health[.store]?.status == .ok)
        }
    }

    @Test("The same version for another chip or another type is another firmware")
    func chipsAndTypes() async throws {
        try await FirmwareShop.run { shop in
            _ = try await shop.add("1.0")
            _ = try await shop.add("1.0", type: "pir")
            _ = try await shop.add("1.0", image: FakeImage(chip: .esp32s3))
            #expect(
                try await shop.station.hub.firmwares().map(\.file.description) == [
                    "esp32-s3-light@1.0.bin", "esp32-pir@1.0.bin", "esp32-light@1.0.bin",
                ]
            )
        }
    }

    @Test("Several at once with the same version end as one, whole")
    func race() async throws {
        try await FirmwareShop.run { shop in
            let images = (1...4).map { FakeImage(chip: .esp32, seed: $0) }
            let stored = try await withThrowingTaskGroup(of: Firmware?.self) { group in
                for image in images {
                    group.addTask {
                        do {
                            return try await shop.add("1.0", image: image).firmware
                        } catch StoreError.conflict {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(stored.count == 1)
            let firmware = try #require(stored.first)
            #expect(try shop.files == [firmware.file.description])
            let content = try shop.content(firmware.file.description)
            #expect(try FileChecksum(bytes: SHA256Sum.of(content)) == firmware.checksum)
        }
    }

    @Test("What is not the image that it should be is refused and leaves nothing behind")
    func refusals() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32)
            let other = try FakeImage(chip: .esp32, seed: 2).checksum
            await #expect(throws: FirmwareError.wrongChip(declared: .esp32c3, image: .esp32)) {
                try await shop.add("1.0", chip: .esp32c3)
            }
            await #expect(throws: try FirmwareError.wrongChecksum(expected: other, actual: image.checksum)) {
                try await shop.add("1.0", checksum: other)
            }
            await #expect(throws: FirmwareError.image(.tooShort(20))) {
                try await shop.add("1.0", image: FakeImage(chip: .esp32, size: 32).cut(to: 20))
            }
            await #expect(throws: FirmwareError.image(.noImage(firstByte: nil))) {
                try await shop.add("1.0", image: image.cut(to: 0))
            }
            let type = await #expect(throws: StoreError.self) { try await shop.add("1.0", type: "../../etc") }
            #expect(type?.invalidField == "type")
            #expect(try shop.files.isEmpty)
            #expect(try await shop.station.hub.firmwares().isEmpty)
        }
    }

    @Test("What begins as no image is refused before the rest has come")
    func early() async throws {
        try await FirmwareShop.run { shop in
            let upload = try await shop.firmware.directory.beginUpload()
            await #expect(throws: FirmwareError.image(.noImage(firstByte: 0x3C))) {
                try await upload.append([UInt8](repeating: 0x3C, count: 100))
            }
        }
    }

    @Test("One byte more than 16 MiB is too much")
    func tooLarge() async throws {
        try await FirmwareShop.run { shop in
            let limit = FirmwareImageHeader.maximumImageSize
            let upload = try await shop.firmware.directory.beginUpload()
            try await upload.append(FakeImage(chip: .esp32).bytes)
            let zeros = [UInt8](repeating: 0, count: 1024 * 1024)
            for _ in 0..<15 { try await upload.append(zeros) }
            try await upload.append([UInt8](repeating: 0, count: 1024 * 1024 - 4096))
            await #expect(throws: FirmwareError.image(.tooLarge)) { try await upload.append([0]) }
            #expect(limit == 16 * 1024 * 1024)
        }
    }

    @Test("An upload that is given up leaves nothing behind, and makes room for another")
    func abandoned() async throws {
        try await FirmwareShop.run { shop in
            let directory = shop.firmware.directory
            var uploads: [FirmwareUpload] = []
            for _ in 0..<FirmwareDirectory.maximumUploads { uploads.append(try await directory.beginUpload()) }
            try await uploads[0].append(FakeImage(chip: .esp32).bytes)
            await #expect(throws: FirmwareError.tooManyUploads(limit: FirmwareDirectory.maximumUploads)) {
                try await directory.beginUpload()
            }
            #expect(try shop.files.count == FirmwareDirectory.maximumUploads)
            uploads = []
            try await eventually("nothing is left") { try shop.files.isEmpty }
            _ = try await shop.add("1.0")
        }
    }

    @Test("What a crash has left of uploads is removed at the next start, and only that")
    func leftovers() async throws {
        try await FirmwareShop.run { shop in
            let (firmware, _) = try await shop.add("1.0")
            try shop.put(".upload-Ab12Cd", [1, 2, 3])
            try shop.put("notes.txt", [1])
            try await FirmwareDirectory(path: shop.path).prepare()
            #expect(try shop.files == [firmware.file.description, "notes.txt"])
        }
    }

    @Test("A store that cannot be written takes the file away again")
    func rollback() async throws {
        try await FirmwareShop.run { shop in
            try shop.station.execute(
                "CREATE TRIGGER no_firmware BEFORE INSERT ON firmwares BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            let error = await #expect(throws: StoreError.self) { try await shop.add("1.0") }
            #expect(error?.isUnavailable == true)
            #expect(try shop.files.isEmpty)
            try shop.station.execute("DROP TRIGGER no_firmware")
            _ = try await shop.add("1.0")
        }
    }

    @Test("A directory that is a link to elsewhere is not used")
    func linkedDirectory() async throws {
        try await FirmwareShop.run { shop in
            let link = shop.path + "-link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: shop.path)
            let error = await #expect(throws: FirmwareError.self) { try await FirmwareDirectory(path: link).prepare() }
            #expect(error?.description.contains(link) == true)
        }
    }

    // MARK: Files

    @Test("A registered file is read in parts, and also after it was removed")
    func reading() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32, size: 150_000)
            let (firmware, _) = try await shop.add("1.0", image: image)
            let (found, file) = try await shop.firmware.open(firmware.file)
            #expect(found == firmware && file.size == image.bytes.count)
            #expect(try await file.read(at: 0, count: 10) == Array(image.bytes[..<10]))
            try await shop.firmware.remove(firmware.id)
            #expect(try await file.read(at: 140_000, count: 10_000) == Array(image.bytes[140_000...]))
            await #expect(throws: FirmwareError.changedFile(firmware.file.description)) {
                try await file.read(at: 140_000, count: 10_001)
            }
        }
    }

    @Test("Removing takes the row, the file and the record of its updates, once")
    func removing() async throws {
        try await FirmwareShop.run { shop in
            let (firmware, _) = try await shop.add("1.0")
            let (other, _) = try await shop.add("1.1")
            let lamp = try await shop.addLamp()
            try await shop.station.hub.noteUpdate(.failed, with: firmware.id, of: lamp.id)
            try await shop.firmware.remove(firmware.id)
            #expect(try shop.files == [other.file.description])
            #expect(try await shop.station.hub.firmwares() == [other])
            #expect(try shop.station.count("ota_logs") == 0)
            await #expect(throws: FirmwareError.notFound(firmware.id.description)) {
                try await shop.firmware.remove(firmware.id)
            }
            await #expect(throws: FirmwareError.noFile(firmware.file.description)) {
                try await shop.firmware.open(firmware.file)
            }
        }
    }

    @Test("A file that is not registered, is gone, has another length, or is a link now, is not opened")
    func unopened() async throws {
        try await FirmwareShop.run { shop in
            try shop.put("secret.bin", FakeImage(chip: .esp32).bytes)
            let secret = try #require(FirmwareFileName("secret.bin"))
            await #expect(throws: FirmwareError.noFile("secret.bin")) { try await shop.firmware.open(secret) }

            let (firmware, _) = try await shop.add("1.0")
            let name = firmware.file.description
            try shop.put(name, [0xE9])
            await #expect(throws: FirmwareError.changedFile(name)) { try await shop.firmware.open(firmware.file) }
            try FileManager.default.removeItem(atPath: "\(shop.path)/\(name)")
            await #expect(throws: FirmwareError.noFile(name)) { try await shop.firmware.open(firmware.file) }
            try FileManager.default.createSymbolicLink(
                atPath: "\(shop.path)/\(name)", withDestinationPath: "\(shop.path)/secret.bin"
            )
            await #expect(throws: FirmwareError.noFile(name)) { try await shop.firmware.open(firmware.file) }
            try FileManager.default.removeItem(atPath: "\(shop.path)/\(name)")
            try FileManager.default.createDirectory(atPath: "\(shop.path)/\(name)", withIntermediateDirectories: false)
            await #expect(throws: FirmwareError.noFile(name)) { try await shop.firmware.open(firmware.file) }
        }
    }
}

extension FakeImage {
    /// Less of the same.
    fileprivate func cut(to size: Int) -> FakeImage {
        FakeImage(bytes: Array(self.bytes.prefix(size)))
    }
}
