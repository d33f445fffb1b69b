import StationCore
import Testing

@Suite("A secret")
struct SecretTests {
    private struct Holder: Error {
        let name = "wifi"
        let password: Secret
    }

    private static let text = "geheim-1234"
    private let secret = Secret(Self.text)

    @Test("gives its text away to nobody who does not ask for it by name")
    func hidden() {
        let holder = Holder(password: self.secret)
        var dumped = ""
        dump(self.secret, to: &dumped)
        dump(holder, to: &dumped)
        dump([self.secret], to: &dumped)
        let shown: [String] = [
            "\(self.secret)", "\(holder)", "\([self.secret])", "\(self.secret as Secret?, default: "none")",
            "\([1: self.secret])", self.secret.description, self.secret.debugDescription,
            String(describing: self.secret), String(reflecting: self.secret), String(reflecting: holder),
            String(describing: self.secret as Any), String(reflecting: Optional(self.secret)),
            String(describing: Result<Secret, Holder>.success(self.secret)),
            String(describing: Result<Secret, Holder>.failure(holder)), dumped,
        ]
        for text in shown {
            #expect(!text.contains("geheim") && !text.contains("1234"))
            #expect(text.contains("•••"))
        }
        #expect(self.secret.revealed == Self.text)
    }

    @Test("has no parts that a mirror would show and no coder could write it")
    func opaque() {
        let mirror = Mirror(reflecting: self.secret)
        #expect(mirror.children.isEmpty)
        #expect(mirror.descendant("text") == nil)
        #expect(!(self.secret as Any is any Encodable))
        #expect(!(self.secret as Any is any Decodable))
        #expect(!(self.secret as Any is any LosslessStringConvertible))
    }

    @Test("shows the same dots for any length")
    func lengthHidden() {
        #expect(Secret("").description == Secret(String(repeating: "x", count: 1000)).description)
        #expect(Secret("").isEmpty)
        #expect(!Secret(" ").isEmpty)
    }

    @Test(
        "is equal to the same bytes and to nothing else",
        arguments: [
            ("", "", true), ("a", "a", true), ("geheim", "geheim", true), ("geheim", "geheiM", false),
            ("geheim", "geheim ", false), ("", "a", false), ("a", "", false), ("a", "a\0", false),
            ("\0", "", false), ("ab", "ba", false), ("\u{E9}", "e\u{301}", false),
            (String(repeating: "a", count: 256), "", false),
        ]
    )
    func equality(one: String, other: String, isEqual: Bool) {
        #expect((Secret(one) == Secret(other)) == isEqual)
        #expect((Secret(other) == Secret(one)) == isEqual)
    }
}
