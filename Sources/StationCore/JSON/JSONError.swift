/// Why a text is not the JSON that the station accepts.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: String, Sendable, Hashable {
        case notUTF8 = "is not valid UTF-8"
        case unexpectedEnd = "ends too early"
        case unexpectedByte = "has a character that JSON does not allow here"
        case invalidNumber = "has a number that is not written as JSON wants it or is too large"
        case invalidEscape = "has an invalid escape in a string"
        case controlCharacter = "has a control character in a string"
        case duplicateKey = "has the same key twice in one object"
        case tooDeep = "is nested more than 64 levels deep"
        case trailingBytes = "goes on after the value has ended"
    }

    public let reason: Reason
    /// Where, counted in bytes from the beginning.
    public let offset: Int

    public var description: String {
        "the JSON text \(self.reason.rawValue) (byte \(self.offset))"
    }
}
