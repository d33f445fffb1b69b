import StationCore

extension QueryReader {
    /// An item that must be there.
    mutating func required(_ name: String) -> String? {
        let text = self.text(name, maximumLength: 64)
        if text == nil { self.refuse(name, as: .missing, "The query item “\(name)” is missing.") }
        return text
    }

    mutating func topicName(_ name: String) -> String? {
        guard let text = self.required(name) else { return nil }
        if !TopicName.isValid(text) { self.refuse(name, "“\(name)” is “\(text)”; it must be \(TopicName.rule).") }
        return text
    }

    mutating func version(_ name: String) -> SemanticVersion? {
        self.text(name).flatMap { self.value($0, of: name, SemanticVersion.rule) { SemanticVersion($0) } }
    }

    mutating func requiredVersion(_ name: String) -> SemanticVersion? {
        self.required(name).flatMap { self.value($0, of: name, SemanticVersion.rule) { SemanticVersion($0) } }
    }

    mutating func chip(_ name: String) -> FirmwareChip? {
        self.text(name).flatMap { text in
            self.value(text, of: name, "one of \(FirmwareChip.names)") { FirmwareChip(name: $0) }
        }
    }

    mutating func checksum(_ name: String) -> FileChecksum? {
        self.text(name).flatMap { self.value($0, of: name, FileChecksum.rule) { FileChecksum($0) } }
    }

    private mutating func value<Value>(
        _ text: String, of name: String, _ rule: String, _ read: (String) -> Value?
    ) -> Value? {
        let value = read(text)
        if value == nil { self.refuse(name, "“\(name)” is “\(text.prefix(200))”; it must be \(rule).") }
        return value
    }
}
