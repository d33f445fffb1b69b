import Foundation
public import StationCore

/// SHA-256 by the machine's own tool: the program shall not vouch for itself.
public enum SHA256Sum {
    /// The tool said something else.
    struct Failure: Error {
        let bytes: [UInt8]
    }

    public static func of(_ bytes: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
        try input.fileHandleForWriting.close()
        let hex = Array(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64))
        process.waitUntilExit()
        return stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0...($0 + 1)]), radix: 16) }
    }
}

extension FakeImage {
    /// As a manifest or an uploader tells it.
    public var checksum: FileChecksum {
        get throws {
            let bytes = try SHA256Sum.of(self.bytes)
            guard let checksum = FileChecksum(bytes: bytes) else { throw SHA256Sum.Failure(bytes: bytes) }
            return checksum
        }
    }
}
