import StationCore

/// All filters of at most three levels over a small alphabet, and all topics of at most four: deep enough to tell any two
/// of the filters apart. `c` stands for every name that no filter has.
struct TopicModel: Sendable {
    static let whole = TopicModel()

    let texts: [String]
    let filters: [TopicFilter]
    let topics: [String]
    /// For each filter the topics that `NaiveTopics` finds in it, one bit for each.
    private let found: [[UInt64]]

    private init() {
        self.texts = NaiveTopics.texts(["a", "b", "", "$s", "+", "#"], levels: 1...3)
        let topics = NaiveTopics.texts(["a", "b", "", "$s", "c"], levels: 1...4).filter { !$0.isEmpty }
        self.filters = self.texts.filter(NaiveTopics.isFilter).compactMap { TopicFilter($0) }
        self.topics = topics
        self.found = self.filters.map { filter in
            var bits = [UInt64](repeating: 0, count: topics.count / 64 + 1)
            for index in topics.indices where NaiveTopics.matches(filter.description, topics[index]) {
                bits[index / 64] |= 1 << UInt64(index % 64)
            }
            return bits
        }
    }

    /// Whether every topic of the second filter is one of the first; both are indices.
    func contains(_ one: Int, _ other: Int) -> Bool {
        self.found[one].indices.allSatisfy { self.found[other][$0] & ~self.found[one][$0] == 0 }
    }

    func overlaps(_ one: Int, _ other: Int) -> Bool {
        self.found[one].indices.contains { self.found[other][$0] & self.found[one][$0] != 0 }
    }
}
