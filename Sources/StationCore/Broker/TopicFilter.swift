/// A topic filter of MQTT (3.1.1, 4.7); the pattern of a rule is one too (contract 6, "Policy rules").
///
/// Everything is compared byte by byte, as brokers do.
public struct TopicFilter: Sendable, CustomStringConvertible {
    /// In bytes: a text of MQTT is no longer (3.1.1, 1.5.3).
    public static let maximumLength = 65_535
    /// What a text must be to be a filter, for messages to people.
    public static let rule =
        "a topic filter: 1–\(maximumLength) bytes, no NUL, “+” only as a whole level, “#” only as the last one"

    /// How a shared subscription begins (MQTT 5, 4.8.2).
    static let sharedPrefix = "$share/"

    /// The filter as it is written.
    public let description: String

    /// `nil` unless the text is a filter (`rule`).
    public init?(_ text: some StringProtocol) {
        guard Self.isText(text) else { return nil }
        var hasEnded = false
        for level in TopicLevels(text) {
            guard !hasEnded else { return nil }
            hasEnded = level.isAllTheRest
            guard hasEnded || level.isAnyLevel || !level.contains(where: Self.isWildcard) else { return nil }
        }
        self.description = String(text)
    }

    /// What a client asks to subscribe to: `$share/{group}/{filter}` is judged as its filter, any other text as it is;
    /// `nil` also for a shared subscription whose group is missing, empty or has a wildcard (MQTT 5, 4.8.2).
    public init?(subscribing text: String) {
        guard text.utf8.starts(with: Self.sharedPrefix.utf8) else {
            self.init(text)
            return
        }
        let shared = text.utf8.dropFirst(Self.sharedPrefix.utf8.count)
        guard Self.isText(text), let slash = shared.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let group = shared[..<slash]
        guard !group.isEmpty, !group.contains(where: Self.isWildcard) else { return nil }
        self.init(Substring(shared[shared.index(after: slash)...]))
    }

    /// The caller vouches that the text is a filter.
    init(valid text: String) {
        self.description = text
    }

    /// Whether a text is a topic that can be published to: a filter without wildcards (3.1.1, 3.3.2.1).
    public static func isTopic(_ text: String) -> Bool {
        self.isText(text) && !text.utf8.contains(where: self.isWildcard)
    }

    private static func isText(_ text: some StringProtocol) -> Bool {
        (1...self.maximumLength).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    private static func isWildcard(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#")
    }

    private var beginsWithWildcard: Bool { self.description.utf8.first.map(Self.isWildcard) ?? false }
}

extension TopicFilter: Hashable {
    public static func == (one: TopicFilter, other: TopicFilter) -> Bool {
        one.description.utf8.elementsEqual(other.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var text = self.description
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

// MARK: Comparing

extension TopicFilter {
    /// Whether every topic of another filter is one of this, judged level by level (contract 6, "Policy rules"): `#`
    /// covers the rest including none, `+` any level but `#`, a name only itself; at the beginning neither wildcard
    /// covers what begins with `$`.
    ///
    /// So `+/#` does not contain `#`, nor `/+/#` and `+/+/#` the filter `/#`, though only the empty topic, which is
    /// none, would tell them apart: refusing is the safe side.
    public func contains(_ filter: TopicFilter) -> Bool {
        self.covers(filter.description)
    }

    /// Whether a topic, which must be one that can be published to (`isTopic`), is one of this filter.
    public func matches(_ topic: String) -> Bool {
        self.covers(topic)
    }

    private func covers(_ text: String) -> Bool {
        if self.beginsWithWildcard, text.utf8.first == UInt8(ascii: "$") { return false }
        var others = TopicLevels(text)
        for level in TopicLevels(self.description) {
            if level.isAllTheRest { return true }
            guard let other = others.next() else { return false }
            guard level.isAnyLevel ? !other.isAllTheRest : level.elementsEqual(other) else { return false }
        }
        return others.next() == nil
    }

    /// Whether some topic belongs to this filter and to another.
    public func overlaps(_ filter: TopicFilter) -> Bool {
        guard !self.keepsAway(from: filter), !filter.keepsAway(from: self) else { return false }
        var levels = TopicLevels(self.description)
        var others = TopicLevels(filter.description)
        while true {
            switch (levels.next(), others.next()) {
            case (nil, nil): return true
            case (let level?, nil): return level.isAllTheRest && !self.isAllUnderEmptyLevel
            case (nil, let other?): return other.isAllTheRest && !filter.isAllUnderEmptyLevel
            case (let level?, let other?):
                if level.isAllTheRest || other.isAllTheRest { return true }
                guard level.isAnyLevel || other.isAnyLevel || level.elementsEqual(other) else { return false }
            }
        }
    }

    /// A wildcard at the beginning matches nothing that begins with `$` (3.1.1, 4.7.2).
    private func keepsAway(from filter: TopicFilter) -> Bool {
        self.beginsWithWildcard && filter.description.utf8.first == UInt8(ascii: "$")
    }

    /// `/#`: the topic of one level that it would share with `+` is the empty one, which is no topic.
    private var isAllUnderEmptyLevel: Bool { self.description.utf8.elementsEqual("/#".utf8) }
}
