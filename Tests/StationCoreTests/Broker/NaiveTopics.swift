import StationCore

/// MQTT's own words on topics and filters (3.1.1, 4.7), as plainly as they can be written: what the tests hold
/// `TopicFilter` against.
enum NaiveTopics {
    private static let any = Array("+".utf8)
    private static let rest = Array("#".utf8)

    static func levels(_ text: String) -> [[UInt8]] {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    }

    static func isFilter(_ text: String) -> Bool {
        let levels = self.levels(text)
        let isWellFormed = levels.indices.allSatisfy { index in
            switch levels[index] {
            case self.any: true
            case self.rest: index == levels.count - 1
            default: !levels[index].contains(self.any[0]) && !levels[index].contains(self.rest[0])
            }
        }
        return isWellFormed && self.isText(text)
    }

    static func isTopic(_ text: String) -> Bool {
        self.isText(text) && !text.utf8.contains(self.any[0]) && !text.utf8.contains(self.rest[0])
    }

    private static func isText(_ text: String) -> Bool {
        text.utf8.count > 0 && text.utf8.count < 65_536 && !text.utf8.contains(0)
    }

    static func matches(_ filter: String, _ topic: String) -> Bool {
        let filter = self.levels(filter)
        let topic = self.levels(topic)
        if topic[0].first == UInt8(ascii: "$"), filter[0] == self.any || filter[0] == self.rest { return false }
        return self.matches(filter[...], topic[...])
    }

    private static func matches(_ filter: ArraySlice<[UInt8]>, _ topic: ArraySlice<[UInt8]>) -> Bool {
        guard let level = filter.first else { return topic.isEmpty }
        if level == self.rest { return true }
        guard let name = topic.first else { return false }
        return (level == self.any || level == name) && self.matches(filter.dropFirst(), topic.dropFirst())
    }

    /// Every text of so many levels out of some names.
    static func texts(_ names: [String], levels: ClosedRange<Int>) -> [String] {
        var texts: [String] = []
        var longest = names
        for count in 1...levels.upperBound {
            if count > 1 { longest = longest.flatMap { text in names.map { "\(text)/\($0)" } } }
            if levels.contains(count) { texts += longest }
        }
        return texts
    }
}
