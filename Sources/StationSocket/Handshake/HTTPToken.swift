/// What may stand where in an HTTP message (RFC 9110, 5.5 and 5.6.2), so that nothing can be smuggled into a request.
enum HTTPToken {
    /// Whether the bytes are a field's name.
    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Whether the bytes can be a field's value: no line breaks, no control characters.
    static func isValue(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether the bytes can be a request's target: a path from the root, without blanks or control characters.
    static func isTarget(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
