import StationCore
import Testing

@Suite("A topic filter")
struct TopicFilterTests {
    @Test(
        "is 1–65 535 bytes with “+” as a whole level and “#” as the last one; all else is plain",
        arguments: [
            "a", "/", "//", "a/", "/a", "#", "+", "+/+", "+/#", "a/#", "/#", "a/+/b/#", "$SYS/#", "$", "$share/g",
            "a b", " ",
            "{}", "{a,b}/*", "?", "a.b", "a/{b}/[c]/\\", "é", "😀/+", "\r\n", String(repeating: "x", count: 65_535),
            String(repeating: "/", count: 65_535), String(repeating: "é", count: 32_767),
        ]
    )
    func valid(text: String) throws {
        let filter = try #require(TopicFilter(text))
        #expect(filter.description == text)
        #expect(TopicFilter(Substring(text)) == filter)
        #expect(filter.contains(filter))
        #expect(filter.overlaps(filter))
        #expect(TopicFilter.isTopic(text) == !(text.contains("+") || text.contains("#")))
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "a#", "#a", "#/a", "#/", "a/#/b", "a/#/", "##", "#/#", "a+", "+a", "++", "+#", "#+", "a/b+/c", "a/+b",
            "\0", "a\0",
            "a/\0/b", "#\0", "+\u{301}", "a/#\u{301}", "a/+\u{338}", String(repeating: "x", count: 65_536),
            String(repeating: "/", count: 65_536), String(repeating: "é", count: 32_768),
        ]
    )
    func invalid(text: String) {
        #expect(TopicFilter(text) == nil)
        #expect(TopicFilter(subscribing: text) == nil)
        #expect(!TopicFilter.isTopic(text))
    }

    @Test("is compared byte by byte, not as Swift compares texts")
    func bytes() throws {
        for (one, other) in [("K", "\u{212A}"), ("é", "e\u{301}"), ("a/Å", "a/\u{212B}")] {
            #expect(one == other)
            let filter = try #require(TopicFilter(one))
            let twin = try #require(TopicFilter(other))
            #expect(filter != twin)
            #expect(Set([filter, twin]).count == 2)
            #expect(filter.matches(one))
            #expect(!filter.matches(other))
            #expect(!filter.contains(twin))
            #expect(!filter.overlaps(twin))
        }
    }

    @Test("has its levels between slashes, whatever accent follows one")
    func accents() throws {
        let filter = try #require(TopicFilter("a/+/c"))
        #expect(filter.matches("a/\u{338}b/c"))
        #expect(filter.matches("a//\u{301}") == false)
        #expect(try #require(TopicFilter("a/#")).matches("a/\u{338}"))
        #expect(try #require(TopicFilter("#")).matches("$\u{301}") == false)
        #expect(try #require(TopicFilter(subscribing: "$share/g/\u{338}")).description == "\u{338}")
    }

    @Test(
        "that a client subscribes to is judged without “$share” and the group",
        arguments: [
            ("$share/g/a", "a"), ("$share/g/a/+", "a/+"), ("$share/g/#", "#"), ("$share/g//x", "/x"),
            ("$share/g//", "/"),
            ("$share/a b/x", "x"), ("$share/$share/x", "x"), ("$share/g/$SYS/#", "$SYS/#"),
            ("$share/g/$share/h/x", "$share/h/x"), ("a/#", "a/#"), ("$share", "$share"), ("$SHARE/g/a", "$SHARE/g/a"),
            ("$shared/g/a", "$shared/g/a"), ("x/$share/g/a", "x/$share/g/a"), ("/$share/g/a", "/$share/g/a"),
        ]
    )
    func sharing(text: String, judged: String) throws {
        let filter = try #require(TopicFilter(subscribing: text))
        #expect(filter.description == judged)
    }

    @Test(
        "that is shared in a broken way is none",
        arguments: [
            "$share/", "$share//", "$share//a", "$share/g", "$share/g/", "$share/+", "$share/#", "$share/+/a",
            "$share/#/a",
            "$share/g+/a", "$share/g#/a", "$share/g/a/#/b", "$share/g/a+", "$share/g\0/a", "$share/g/\0",
            "$share/g/" + String(repeating: "x", count: 65_527),
        ]
    )
    func brokenSharing(text: String) {
        #expect(TopicFilter(subscribing: text) == nil)
    }

    @Test(
        "contains another level by level",
        arguments: [
            ("#", "#", true), ("#", "+", true), ("#", "+/#", true), ("#", "a/b/c", true), ("#", "/", true),
            ("#", "/#", true),
            ("a/#", "a", true), ("a/#", "a/", true), ("a/#", "a/#", true), ("a/#", "a/+/b", true),
            ("a/#", "a/+/#", true),
            ("a/#", "+", false), ("a/#", "ab", false), ("a/#", "b/#", false), ("a/#", "#", false),
            ("a/+", "a/b", true), ("a/+", "a/", true), ("a/+", "a/+", true), ("a/+", "a/$b", true),
            ("a/+", "a/#", false), ("a/+", "a", false), ("a/+", "a/b/c", false),
            ("a/+/#", "a/b/c", true), ("a/+/#", "a/b", true), ("a/+/#", "a", false), ("a/+/#", "a/#", false),
            ("+/#", "#", false), ("+/#", "+", true), ("/+/#", "/#", false), ("/#", "/", true), ("/#", "#", false),
            ("a", "a", true), ("a", "A", false), ("a", "+", false), ("a", "#", false), ("a", "a/", false),
            ("a", "a/#", false),
            ("#", "$SYS/#", false), ("#", "$SYS", false), ("+/x", "$SYS/x", false), ("+/#", "$SYS/#", false),
            ("$SYS/#", "$SYS/+", true), ("$SYS/#", "$SYS", true), ("$SYS/+", "$SYS/x", true), ("$SYS/#", "#", false),
            ("#", "a/$SYS", true), ("{a,b}", "a", false), ("*", "a", false), ("a/*", "a/b", false), ("a?", "ab", false),
        ]
    )
    func containing(pattern: String, text: String, isContained: Bool) throws {
        let filter = try #require(TopicFilter(pattern))
        let other = try #require(TopicFilter(text))
        #expect(filter.contains(other) == isContained)
        if isContained { #expect(filter.overlaps(other) && other.overlaps(filter)) }
    }

    @Test(
        "overlaps another where a topic belongs to both",
        arguments: [
            ("a/+", "+/b", true), ("a/#", "#", true), ("a/s", "a/#", true), ("a/#", "a", true),
            ("a/+/c", "a/b/#", true),
            ("+/+", "#", true), ("#", "/#", true), ("/#", "+/+", true), ("+/#", "+", true), ("a/b", "a/+/#", true),
            ("a/b", "a/c", false), ("a/+", "b/#", false), ("a", "a/+", false), ("a/+", "a/+/+", false),
            ("a/b/#", "a/+/c/#", true),
            ("/#", "+", false), ("#", "$SYS/#", false), ("+/x", "$SYS/x", false), ("$SYS/#", "$SYS/+/x", true),
            ("$SYS/#", "$CONTROL/#", false), ("{a,b}", "a", false),
        ]
    )
    func overlapping(one: String, other: String, doOverlap: Bool) throws {
        let filter = try #require(TopicFilter(one))
        let twin = try #require(TopicFilter(other))
        #expect(filter.overlaps(twin) == doOverlap)
        #expect(twin.overlaps(filter) == doOverlap)
    }

    @Test("of the greatest length is judged in one pass")
    func long() throws {
        let levels = String(repeating: "a/", count: 32_767) + "a"
        let filter = try #require(TopicFilter(levels))
        let wild = try #require(TopicFilter(String(repeating: "+/", count: 32_767) + "+"))
        #expect(wild.contains(filter))
        #expect(wild.matches(levels))
        #expect(wild.overlaps(filter))
        #expect(!filter.contains(wild))
    }
}
