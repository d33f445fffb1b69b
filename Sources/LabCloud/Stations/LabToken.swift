import StationCore

/// The lab's station tokens: `lab.<chipId>.<256 random bits>`. Whose one is can be read off it, so that a lab that has
/// been restarted can believe it where it is told to.
enum LabToken {
    static func make(for chipID: String) -> Secret {
        let digits = Array("0123456789abcdef".utf8)
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        for _ in 0..<64 { text.append(digits.randomElement(using: &generator) ?? digits[0]) }
        return Secret("lab.\(chipID).\(String(decoding: text, as: UTF8.self))")
    }

    /// nil for what is no token of a lab.
    static func chipID(in token: Secret) -> String? {
        let parts = token.revealed.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "lab", let end = parts[1].lastIndex(of: ".") else { return nil }
        let chipID = String(parts[1][..<end])
        let random = parts[1][parts[1].index(after: end)...]
        guard random.utf8.count == 64, self.isChipID(chipID) else { return nil }
        return chipID
    }

    /// Whether a station may call itself that: the contract asks for no form, so only what would spoil a log is
    /// refused.
    static func isChipID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}
