import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// Reads the members of a JSON body and collects every fault, so that a caller learns of all at once.
struct BodyReader {
    /// What it means that a member is missing or `null`.
    enum Presence {
        case required
        /// `null` is the same as leaving it out.
        case optional
        /// Leaving it out changes nothing, and `null` is refused.
        case unchanged
    }

    private let object: JSONObject
    private var known: [String] = []
    private var faults: [FieldFault] = []

    init(_ object: JSONObject) {
        self.object = object
    }

    /// The object that a request's body is.
    ///
    /// - Throws: `APIError` for another content type, for bad JSON, and for JSON that is no object.
    static func object(of request: Request) async throws -> JSONObject {
        let body = try await request.body.collect(upTo: .max)
        if body.readableBytes > 0, !Self.isJSON(request.headers[.contentType]) {
            throw APIError.unsupportedMediaType(request.headers[.contentType])
        }
        return try self.object(in: Array(body.readableBytesView))
    }

    /// The object that some bytes are.
    ///
    /// - Throws: `APIError` for bad JSON, and for JSON that is no object.
    static func object(in bytes: [UInt8]) throws(APIError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            throw APIError.malformedJSON(error)
        }
        guard let object = value.objectValue else { throw APIError.notAnObject(value) }
        return object
    }

    /// Whether a content type is that of JSON in UTF-8.
    static func isJSON(_ contentType: String?) -> Bool {
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains($0)
        }
    }

    /// To be called when everything was asked for.
    ///
    /// - Throws: `APIError.invalidFields` with all faults, members that nobody asked for among them.
    mutating func finish() throws(APIError) {
        for member in self.object.members where !self.known.contains(member.key) {
            self.refuse(
                member.key, as: .unknown,
                "There is no field “\(member.key)” here; allowed are \(self.known.joined(separator: ", "))."
            )
        }
        guard self.faults.isEmpty else { throw APIError.invalidFields(self.faults) }
    }

    mutating func refuse(_ key: String, as kind: FieldFault.Kind = .value, _ message: String) {
        self.faults.append(FieldFault(.body, key, kind, message))
    }

    /// The member if it is there and not `null`; notes a fault where one of these is not allowed.
    mutating func value(_ key: String, _ presence: Presence) -> JSONValue? {
        self.known.append(key)
        switch (self.object[key], presence) {
        case (nil, .required):
            self.refuse(key, as: .missing, "“\(key)” is missing.")
            return nil
        case (.null?, .required), (.null?, .unchanged):
            self.refuse(key, as: .type, "“\(key)” must not be null.")
            return nil
        case (nil, _), (.null?, .optional):
            return nil
        case (let value?, _):
            return value
        }
    }

    mutating func text(_ key: String, _ presence: Presence) -> String? {
        guard let value = self.value(key, presence) else { return nil }
        guard let text = value.stringValue else {
            self.refuse(key, as: .type, "“\(key)” is \(value.kind); it must be a string.")
            return nil
        }
        return text
    }

    /// A token or password as it was sent.
    mutating func secret(_ key: String, _ presence: Presence, maximumLength: Int = 200) -> Secret? {
        guard let text = self.text(key, presence) else { return nil }
        if !(1...maximumLength).contains(text.unicodeScalars.count) {
            self.refuse(key, "“\(key)” must have 1–\(maximumLength) characters.")
        }
        return Secret(text)
    }

    /// Any value, `null` included.
    mutating func anything(_ key: String) -> JSONValue {
        self.known.append(key)
        guard let value = self.object[key] else {
            self.refuse(key, as: .missing, "“\(key)” is missing.")
            return .null
        }
        return value
    }

    /// A text for people: without blanks at its ends, without control characters, not empty.
    mutating func name(_ key: String, _ presence: Presence, maximumLength: Int) -> String? {
        guard let text = self.text(key, presence) else { return nil }
        let name = text.trimmed
        if !(1...maximumLength).contains(name.unicodeScalars.count) {
            self.refuse(key, "“\(key)” must have 1–\(maximumLength) characters, not counting blanks at its ends.")
        } else if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            self.refuse(key, "“\(key)” must not contain control characters.")
        }
        return name
    }

    mutating func identifier<Entity>(
        _ key: String, of: Entity.Type, _ presence: Presence
    ) -> Identifier<Entity>? {
        guard let text = self.text(key, presence) else { return nil }
        let id = Identifier<Entity>(text)
        if id == nil { self.refuse(key, as: .type, "“\(key)” is “\(text)”; it must be a UUID.") }
        return id
    }

    /// As `identifier`, for a member whose `null` takes the value away: `.some(nil)`.
    mutating func removableIdentifier<Entity>(_ key: String, of entity: Entity.Type) -> Identifier<Entity>?? {
        self.removable(key) { $0.identifier(key, of: entity, .unchanged) }
    }

    /// A member whose `null` takes the value away: `.some(nil)`; `nil` for one that is left out.
    mutating func removable<Value>(_ key: String, _ read: (inout BodyReader) -> Value?) -> Value?? {
        guard self.object[key] == .null else { return read(&self).map(Optional.some) }
        self.known.append(key)
        return .some(nil)
    }

    mutating func externalID(_ key: String, _ presence: Presence) -> ExternalID? {
        guard let text = self.text(key, presence) else { return nil }
        let id = ExternalID(text)
        if id == nil { self.refuse(key, "“\(key)” is “\(text)”; it must be \(TopicName.rule).") }
        return id
    }

    mutating func deviceType(_ key: String, _ presence: Presence, in registry: DeviceTypeRegistry) -> String? {
        guard let id = self.text(key, presence) else { return nil }
        if registry[id] == nil {
            let known = registry.types.map(\.id).joined(separator: ", ")
            self.refuse(key, "There is no device type “\(id)”; known are \(known).")
        }
        return id
    }
}

extension String {
    /// Without blanks and line ends at both ends.
    fileprivate var trimmed: String {
        let start = self.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
