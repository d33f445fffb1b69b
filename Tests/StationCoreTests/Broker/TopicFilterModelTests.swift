import StationCore
import Testing

@Suite("Topic filters, against everything that a small alphabet can say")
struct TopicFilterModelTests {
    private let model = TopicModel.whole

    private func pairs(where isOne: (Int, Int) -> Bool) -> [String] {
        self.model.filters.indices.flatMap { one in
            self.model.filters.indices.filter { isOne(one, $0) }
                .map { "\(self.model.filters[one]) \(self.model.filters[$0])" }
        }
    }

    @Test("are those that MQTT calls valid")
    func validity() {
        let wrong = self.model.texts.filter { (TopicFilter($0) != nil) != NaiveTopics.isFilter($0) }
        #expect(wrong.isEmpty)
        #expect(self.model.filters.count == 185)
        #expect(Set(self.model.filters).count == 185)
    }

    @Test("match the topics that MQTT says")
    func matching() {
        let wrong = self.model.filters.flatMap { filter in
            self.model.topics
                .filter { filter.matches($0) != NaiveTopics.matches(filter.description, $0) }
                .map { "\(filter) \($0)" }
        }
        #expect(wrong.isEmpty)
        #expect(self.model.topics.count == 779)
    }

    @Test("contain no filter with a topic that they do not match")
    func containmentIsSound() {
        let wrong = self.pairs { one, other in
            self.model.filters[one].contains(self.model.filters[other]) && !self.model.contains(one, other)
        }
        #expect(wrong.isEmpty)
    }

    @Test("contain every filter whose topics they match, but for three pairs that rest on “#” and no empty topic")
    func containmentIsComplete() {
        let refused = self.pairs { one, other in
            self.model.contains(one, other) && !self.model.filters[one].contains(self.model.filters[other])
        }
        #expect(Set(refused) == ["+/# #", "/+/# /#", "+/+/# /#"])
    }

    @Test("overlap exactly where some topic belongs to both")
    func overlap() {
        let wrong = self.pairs { one, other in
            self.model.filters[one].overlaps(self.model.filters[other]) != self.model.overlaps(one, other)
        }
        #expect(wrong.isEmpty)
    }

    @Test("treat a topic as the filter that matches only it")
    func topicsAsFilters() {
        let model = self.model
        let topics = model.topics.filter { NaiveTopics.levels($0).count < 4 }
        let wrong = topics.compactMap { TopicFilter($0) }.flatMap { topic in
            model.filters
                .filter { filter in
                    let isMatch = filter.matches(topic.description)
                    return filter.contains(topic) != isMatch || filter.overlaps(topic) != isMatch
                        || topic.overlaps(filter) != isMatch
                }
                .map { "\($0) \(topic)" }
        }
        #expect(wrong.isEmpty)
    }
}
