public import Foundation

/// Public test vectors beside the repository (`../shared/vectors`); they are not part of it, so a test that wants them
/// is skipped where they are missing:
///
///     @Test(.enabled(if: VectorFiles.json != nil, "the JSONTestSuite is not here"))
public struct VectorFiles: Sendable {
    /// JSONTestSuite: `y_`, `n_` and `i_` files.
    public static let json = VectorFiles("json/test_parsing")
    /// JSONTestSuite: what parsers read differently.
    public static let jsonTransform = VectorFiles("json/test_transform")
    /// The Big List of Naughty Strings.
    public static let strings = VectorFiles("strings")
    /// Wycheproof: Ed25519, ECDSA, X25519, HMAC.
    public static let crypto = VectorFiles("crypto")
    /// Wycheproof: JWS, JWK, JWE.
    public static let jwt = VectorFiles("jwt")
    /// UTF-8 sequences of the Autobahn test suite.
    public static let webSocket = VectorFiles("ws")

    public struct File: Sendable, CustomStringConvertible {
        public let name: String
        public let bytes: [UInt8]

        public var description: String { self.name }
    }

    public let directory: URL

    /// `nil` when there is no such directory.
    public init?(_ name: String) {
        let package = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let directory = package.deletingLastPathComponent().appending(path: "shared/vectors").appending(path: name)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory), isDirectory.boolValue
        else { return nil }
        self.directory = directory
    }

    /// The files whose names begin so, in the order of their names.
    public func files(_ prefix: String = "") throws -> [File] {
        try FileManager.default.contentsOfDirectory(atPath: self.directory.path)
            .filter { $0.hasPrefix(prefix) }
            .sorted()
            .map(self.file)
    }

    public func file(_ name: String) throws -> File {
        File(name: name, bytes: Array(try Data(contentsOf: self.directory.appending(path: name))))
    }
}
