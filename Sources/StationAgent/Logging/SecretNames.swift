import Logging

/// Knows by its name which metadata must not be shown: the second line of defence behind `Secret`.
enum SecretNames {
    private static let telling = ["token", "password", "passphrase", "secret", "authorization", "credential", "cookie"]

    static func masked(_ key: String, _ value: Logger.MetadataValue) -> Logger.MetadataValue {
        let name = key.lowercased()
        return self.telling.contains { name.contains($0) } ? .string(ShownText.mask) : value
    }
}
