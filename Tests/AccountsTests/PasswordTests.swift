import Accounts
import StationCore
import Testing

@Suite("Passwords")
struct PasswordTests {
    /// Made by another implementation of bcrypt; the same password under the three prefixes that are in use.
    private static let hashes: [String] = [
        "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    ]

    @Test("Hashes with the prefixes 2a, 2b and 2y verify", arguments: Self.hashes)
    func verifiesPrefixes(hash: String) async throws {
        let hasher = PasswordHasher()
        #expect(try await hasher.verify(Secret("correct horse"), against: [hash]))
        #expect(try await !hasher.verify(Secret("correct horsf"), against: [hash]))
    }

    @Test("A password has the form of crypt with cost 10 once it is hashed, and another salt each time")
    func makesHashes() async throws {
        let hasher = PasswordHasher()
        let one = try await hasher.hash(Secret("correct horse"))
        let other = try await hasher.hash(Secret("correct horse"))
        #expect(one.hasPrefix("$2b$10$") && one.count == 60)
        #expect(one != other)
        #expect(try await hasher.verify(Secret("correct horse"), against: [other]))
    }

    @Test(
        "A hash that is none never verifies",
        arguments: [
            "", "x", "garbage", "*0", "$1$abc$def", "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6", "$5$rounds=5000$abc",
        ])
    func refusesOtherForms(hash: String) async throws {
        #expect(try await !PasswordHasher().verify(Secret("correct horse"), against: [hash]))
    }

    @Test(
        "A password has 8 to 72 bytes and no NUL",
        arguments: [
            ("1234567", false), ("12345678", true), (String(repeating: "x", count: 72), true),
            (String(repeating: "x", count: 73), false), (String(repeating: "é", count: 37), false),
            ("ééééé", true), ("1234\u{0}5678", false), ("", false), ("         ", true),
        ])
    func rule(password: String, isAdmitted: Bool) async throws {
        #expect(PasswordRule.admits(Secret(password)) == isAdmitted)
        let hasher = PasswordHasher()
        if isAdmitted {
            _ = try await hasher.hash(Secret(password))
        } else {
            await #expect(throws: AccountError.invalidPassword) { try await hasher.hash(Secret(password)) }
        }
    }

    @Test("Too many at a time are turned away, and none gets a wrong answer")
    func isBounded() async throws {
        let hasher = PasswordHasher()
        let outcomes = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    do {
                        return .success(try await hasher.verify(Secret("correct horse"), against: Self.hashes))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for outcome in outcomes {
            switch outcome {
            case .success(let isRight): #expect(isRight)
            case .failure(let error): #expect(error as? AccountError == .busy)
            }
        }
        #expect(try await hasher.verify(Secret("correct horse"), against: Self.hashes))
    }
}
