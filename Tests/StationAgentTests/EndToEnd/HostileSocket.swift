import StationCore
import StationTestSupport

/// A WebSocket whose client sends frames as no library would.
enum HostileSocket {
    /// After so many zero bytes no frame is open any more, and the next of them is no frame.
    private static let padding = [UInt8](repeating: 0, count: 140_000)

    /// Opens a WebSocket, sends `bytes` and returns how the station ended it: its close code, or `nil` for the end of the
    /// connection without one.
    ///
    /// - Throws: `EventuallyFailure` if the station neither opens nor ends it; `Fault` for frames that no server sends.
    static func ending(port: Int, token: Secret, after bytes: [UInt8]) async throws -> UInt16? {
        let request =
            "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(token.revealed)\r\n"
            + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        return try await RawConnection.run(port: port, sending: request) { connection in
            let opening = try await connection.answer()
            guard opening.status == 101 else { throw Fault(description: "not opened: \(opening.status)") }
            connection.send(bytes)
            connection.send(Self.padding)
            var code: UInt16?
            try await eventually("the WebSocket ends") {
                code = try Self.closeCode(in: connection.received)
                return code != nil || connection.isClosed
            }
            return code
        }
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads what the server sent: whole unmasked frames without fragments, the last of them a Close or none.
    private static func closeCode(in bytes: [UInt8]) throws -> UInt16? {
        var rest = bytes[...]
        while rest.count >= 2 {
            let (first, second) = (rest[rest.startIndex], rest[rest.startIndex + 1])
            guard [0x81, 0x88, 0x89, 0x8A].contains(first), second & 0x80 == 0, second != 127 else {
                throw Fault(description: "a frame that begins with \(first) \(second)")
            }
            rest = rest.dropFirst(2)
            var length = Int(second)
            if second == 126 {
                guard rest.count >= 2 else { return nil }
                length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
                rest = rest.dropFirst(2)
            }
            guard rest.count >= length else { return nil }
            if first == 0x88 {
                guard length >= 2 else { return 1005 }
                return UInt16(rest[rest.startIndex]) << 8 | UInt16(rest[rest.startIndex + 1])
            }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
