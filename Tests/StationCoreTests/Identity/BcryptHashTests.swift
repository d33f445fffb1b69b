import StationCore
import Testing

@Suite("bcrypt hashes")
struct BcryptHashTests {
    private static let rest = "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    @Test("Hashes of all three kinds and of bearable cost are good")
    func good() {
        for beginning in ["$2a$04$", "$2b$10$", "$2y$14$"] {
            #expect(BcryptHash(beginning + Self.rest)?.text.revealed == beginning + Self.rest)
        }
    }

    @Test("Nothing else is")
    func bad() {
        let texts = [
            "", "x", "$2x$10$" + Self.rest, "$2b$03$" + Self.rest, "$2b$15$" + Self.rest, "$2b$+9$" + Self.rest,
            "$2b$10." + Self.rest, "$2b$10$" + Self.rest + "a", "$2b$10$" + Self.rest.dropLast(),
            "$2b$10$" + Self.rest.dropLast() + "*", "$2b$10$" + Self.rest.dropLast(2) + "é", "$6$10$" + Self.rest + "a",
        ]
        for text in texts { #expect(BcryptHash(text) == nil, "\(text)") }
    }

    @Test("It does not show itself")
    func hidden() throws {
        let hash = try #require(BcryptHash("$2b$10$" + Self.rest))
        #expect(!"\(hash)".contains(Self.rest))
    }
}
