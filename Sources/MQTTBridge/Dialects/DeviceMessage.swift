import MQTTTransport
import StationCore

/// A message as it came from the broker, its topic cut into levels.
struct DeviceMessage {
    /// Larger ones are dropped.
    static let maximumPayload = DeviceReport.maximumPayload

    let levels: [Substring]
    let payload: [UInt8]
    let isTooLarge: Bool
    let isRetained: Bool

    init(_ message: InboundMessage) {
        self.levels = message.topic.split(separator: "/", omittingEmptySubsequences: false)
        self.payload = message.payload
        self.isTooLarge = message.payloadSize > Self.maximumPayload
        self.isRetained = message.isRetained
    }

    /// The name of its sender, valid or not, cut to what a log line bears; empty where the topic has none.
    var claimedSender: String {
        guard self.levels.count > 3 else { return "" }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: self.levels[3].unicodeScalars.prefix(TopicName.maximumLength))
        return String(name)
    }

    /// The payload, which must be a JSON object in UTF-8 of a bearable size.
    func object() throws(MessageRejection) -> JSONObject {
        guard !self.isTooLarge else { throw MessageRejection(.tooLarge, "more than \(Self.maximumPayload) bytes") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(self.payload)
        } catch {
            guard String(validating: self.payload, as: UTF8.self) != nil else {
                throw MessageRejection(.notUTF8, "the payload is not UTF-8")
            }
            throw MessageRejection(.notJSON, error.description)
        }
        guard let object = value.objectValue else {
            throw MessageRejection(.notObject, "the payload is \(value.kind), not an object")
        }
        return object
    }

    /// What the payload says in the words of the domain.
    func content(
        _ read: (JSONObject) throws(PayloadFault) -> DeviceReport.Content
    ) throws(MessageRejection) -> DeviceReport.Content {
        let object = try self.object()
        do throws(PayloadFault) {
            return try read(object)
        } catch {
            throw MessageRejection(.wrongType, error.description)
        }
    }
}
