import Crypto
import FoundationEssentials

/// The random key of an opening handshake and the answer that proves a server understood it (RFC 6455, 4.1 and 4.2.2).
/// It authenticates nobody.
public struct SocketKey: Sendable, Hashable {
    /// As it stands in `Sec-WebSocket-Key`: 16 bytes in base64.
    public let text: String

    /// nil unless the text is 16 bytes in base64.
    public init?(_ text: String) {
        let letters = text.utf8
        guard letters.count == 24, letters.suffix(2).elementsEqual("==".utf8), Data(base64Encoded: text)?.count == 16
        else { return nil }
        self.text = text
    }

    private init(bytes: [UInt8]) {
        self.text = Data(bytes).base64EncodedString()
    }

    /// A client's key.
    public static func random() -> SocketKey {
        SocketKey(bytes: (0..<16).map { _ in UInt8.random(in: 0...UInt8.max) })
    }

    /// What the server answers in `Sec-WebSocket-Accept`.
    public var accept: String {
        let digest = Insecure.SHA1.hash(data: Data((self.text + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }
}
