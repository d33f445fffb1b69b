/// What the text of a host tells by itself, without asking any name service.
public enum HostName {
    /// Whether it is this machine: `localhost`, 127.0.0.0/8 or `::1` in any of its spellings.
    public static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        if host.contains(":") {
            // Zeros and a single one, at the end: the value is 1 wherever the “::” stands.
            return host.hasSuffix("1") && host.dropLast().allSatisfy { $0 == "0" || $0 == ":" }
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = parts.count == 4 && parts.allSatisfy { $0.utf8.allSatisfy(Self.isDigit) && UInt8($0) != nil }
        return isAddress && parts[0] == "127"
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
