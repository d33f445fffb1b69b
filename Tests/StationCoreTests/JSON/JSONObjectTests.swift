import StationCore
import Testing

@Suite("A JSON object")
struct JSONObjectTests {
    @Test("keeps its members in the order in which they were first set")
    func order() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        #expect(object.members.map(\.key) == ["b", "a", "c"])
        #expect(object["b"] == 4)
        object["b"] = nil
        object["b"] = 5
        #expect(object.members.map(\.key) == ["a", "c", "b"])
        #expect(object.count == 3)
    }

    @Test("forgets a key that is set to nil, and keeps one that is set to null")
    func removal() {
        var object: JSONObject = ["a": 1]
        object["a"] = .some(.null)
        #expect(object["a"] == .null)
        #expect(object.count == 1)
        object["a"] = nil
        object["missing"] = nil
        #expect(object.isEmpty)
        #expect(object["a"] == nil)
    }

    @Test("is equal to one with the same members in another order, and to no other")
    func equality() {
        let one: JSONObject = ["a": 1, "b": ["x": 1, "y": 2]]
        let other: JSONObject = ["b": ["y": 2, "x": 1], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(Set([one, other]).count == 1)
        let different: [JSONObject] = [
            [:], ["a": 1], ["a": 1, "b": .null], ["a": 1, "c": ["x": 1, "y": 2]],
            ["a": 1, "b": ["x": 1, "y": 2], "c": 3], ["a": 1, "b": ["x": 1, "y": 3]],
        ]
        for object in different {
            #expect(one != object)
            #expect(object != one)
        }
    }

    @Test("keeps the order that it was read in")
    func readingOrder() throws {
        let text = #"{"z":1,"a":{"y":2,"b":3},"m":[]}"#
        #expect(try JSONValue.parse(text).description == text)
    }
}
