import Logging
import StationCore

/// One event on its way to becoming a line.
struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let label: String
    let message: String
    let metadata: Logger.Metadata

    /// The line with its end.
    func bytes(_ format: LogFormat, isJournal: Bool) -> [UInt8] {
        var text = isJournal ? "<\(self.level.journalPriority)>" : ""
        switch format {
        case .json: self.appendJSON(to: &text)
        case .text: self.appendText(to: &text)
        }
        text += "\n"
        return Array(text.utf8)
    }

    /// `{"time":…,"level":…,"label":…,"message":…,"metadata":{…}}`, the keys of the metadata sorted.
    private func appendJSON(to text: inout String) {
        text += "{\"time\":\"\(self.time)\",\"level\":\"\(self.level.rawValue)\",\"label\":"
        LogText.appendQuoted(self.label, to: &text)
        text += ",\"message\":"
        LogText.appendQuoted(self.message, to: &text)
        if !self.metadata.isEmpty {
            text += ",\"metadata\":"
            Self.appendJSON(.dictionary(self.metadata), to: &text)
        }
        text += "}"
    }

    private static func appendJSON(_ value: Logger.MetadataValue, to text: inout String) {
        switch value {
        case .string(let string): LogText.appendQuoted(string, to: &text)
        case .stringConvertible(let value): self.appendJSON(value, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                self.appendJSON(element, to: &text)
            }
            text += "]"
        case .dictionary(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                LogText.appendQuoted(member.key, to: &text)
                text += ":"
                self.appendJSON(SecretNames.masked(member.key, member.value), to: &text)
            }
            text += "}"
        }
    }

    /// Numbers and truth values stay what they are; everything else is text.
    private static func appendJSON(_ value: any CustomStringConvertible, to text: inout String) {
        switch value {
        case let value as any BinaryInteger: text += value.description
        case let value as Bool: text += value.description
        case let value as Double where value.isFinite: text += value.description
        default: LogText.appendQuoted(value.description, to: &text)
        }
    }

    /// `2026-11-21T08:30:00.000Z INFO    [bridge] connected host=127.0.0.1 port=1883`
    private func appendText(to text: inout String) {
        let level = self.level.rawValue.uppercased()
        text += "\(self.time) \(level)\(String(repeating: " ", count: 8 - level.count)) "
        text += "[\(LogText.escaped(self.label))] \(LogText.escaped(self.message))"
        for (key, value) in self.metadata.sorted(by: { $0.key < $1.key }) {
            text += " \(LogText.escaped(key))="
            let shown = SecretNames.masked(key, value).description
            if shown.isEmpty || shown.contains(where: { " \"=".contains($0) }) {
                LogText.appendQuoted(shown, to: &text)
            } else {
                text += LogText.escaped(shown)
            }
        }
    }
}

extension Logger.Level {
    /// The priority of syslog(3).
    fileprivate var journalPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
