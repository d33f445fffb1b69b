import StationCore

/// What a device tells of its provisioning at `proto-ver`, before anything is protected.
struct EspressifVersion: Sendable, Hashable {
    /// 0 nothing, 1 X25519 and AES-CTR, 2 SRP6a and AES-GCM; others are unknown to us.
    let security: Int64
    /// The revision of security 2's nonces: 0 keeps one, 1 counts.
    let patch: Int64
    /// Whether it wants no proof of possession.
    let needsNoProof: Bool

    /// Reads `{"prov":{"ver":…,"sec_ver":…,"sec_patch_ver":…,"cap":[…]}}`. Firmware that answers with a bare version
    /// is older than the field: it is taken for security 1, and if it is not, its session fails.
    init(_ bytes: [UInt8]) {
        let text = bytes.last == 0 ? Array(bytes.dropLast()) : bytes
        let provisioning = (try? JSONValue.parse(text))?["prov"]
        let capabilities = provisioning?["cap"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self.needsNoProof = capabilities.contains("no_pop")
        self.patch = Self.integer(provisioning?["sec_patch_ver"]) ?? 0
        self.security = Self.integer(provisioning?["sec_ver"]) ?? (capabilities.contains("no_sec") ? 0 : 1)
    }

    private static func integer(_ value: JSONValue?) -> Int64? {
        if case .integer(let number)? = value { number } else { nil }
    }
}
