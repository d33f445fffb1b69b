import StationCore

extension BodyReader {
    mutating func topicName(_ key: String) -> String? {
        self.value(key, TopicName.rule) { TopicName.isValid($0) ? $0 : nil }
    }

    mutating func version(_ key: String) -> SemanticVersion? {
        self.value(key, SemanticVersion.rule) { SemanticVersion($0) }
    }

    mutating func firmwareFile(_ key: String) -> FirmwareFileName? {
        self.value(key, FirmwareFileName.rule) { FirmwareFileName($0) }
    }

    mutating func updateStatus(_ key: String) -> UpdateStatus? {
        self.value(key, "one of \(UpdateStatus.names)") { UpdateStatus(rawValue: $0) }
    }

    /// A member that must be there and read as something.
    private mutating func value<Value>(_ key: String, _ rule: String, _ read: (String) -> Value?) -> Value? {
        guard let text = self.text(key, .required) else { return nil }
        let value = read(text)
        if value == nil { self.refuse(key, "“\(key)” is “\(text.prefix(200))”; it must be \(rule).") }
        return value
    }
}
