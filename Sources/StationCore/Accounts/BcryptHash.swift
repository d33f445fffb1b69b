/// A bcrypt hash in crypt(3) form: `$2a$`, `$2b$` or `$2y$`, two digits of cost, 22 characters of salt and 31 of hash.
public struct BcryptHash: Sendable, Equatable {
    public static let rule = "a bcrypt hash that begins with $2a$, $2b$ or $2y$ and has a cost of 4–14"
    /// Dearer ones are refused: a hash that comes from elsewhere must not stop the station for minutes.
    private static let allowedCosts = 4...14

    public let text: Secret

    /// `nil` unless the text is one.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(String(decoding: bytes[..<4], as: UTF8.self)),
            bytes[6] == UInt8(ascii: "$"), bytes[4...5].allSatisfy({ (0x30...0x39).contains($0) }),
            let cost = Int(String(decoding: bytes[4..<6], as: UTF8.self)), Self.allowedCosts.contains(cost)
        else { return nil }
        let isSound = bytes[7...].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard isSound else { return nil }
        self.text = Secret(text)
    }
}
