import StationCore

/// What a device with the published firmware says of itself in its service data: the id of its type in ASCII, or
/// `{"type":…,"id":…,"kit_tag":…}` (contract 5). Whatever is neither says nothing.
struct SmartHomeServiceData: Sendable, Hashable {
    let type: String?
    let id: ExternalID?
    let kitTag: String?

    init(_ bytes: [UInt8]) {
        // Firmware in C may send the NUL that ends its text.
        let text = bytes.last == 0 ? Array(bytes.dropLast()) : bytes
        if text.first == UInt8(ascii: "{"), let object = try? JSONValue.parse(text).objectValue {
            self.type = object["type"]?.stringValue.flatMap { Self.name($0) }
            self.id = object["id"]?.stringValue.flatMap { ExternalID($0) }
            self.kitTag = object["kit_tag"]?.stringValue.flatMap { Self.name($0) }
        } else {
            self.type = Self.name(String(decoding: text, as: UTF8.self))
            self.id = nil
            self.kitTag = nil
        }
    }

    private static func name(_ text: String) -> String? {
        TopicName.isValid(text) ? text : nil
    }
}
