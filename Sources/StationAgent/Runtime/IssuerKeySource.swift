import WebFetch

/// Where the keys of the token issuer come from (settings MQTT_JWKS_URL and MQTT_JWKS_FILE).
enum IssuerKeySource: Sendable, Hashable {
    case url(String)
    case file(String)

    /// More than any issuer has; those with a certificate in each key have some 10 KB.
    private static let maximumSize = 1 << 20

    /// How often it is looked at while all is well.
    var period: Duration {
        switch self {
        case .url: .seconds(600)
        case .file: .seconds(30)
        }
    }

    /// The longest pause after failures. A file is mended by somebody who then looks at the station.
    var longestPause: Duration {
        switch self {
        case .url: .seconds(300)
        case .file: .seconds(30)
        }
    }

    /// The state of the file; `nil` for what cannot tell without being read.
    var stamp: FileStamp? {
        switch self {
        case .url: nil
        case .file(let path): FileStamp(path: path)
        }
    }

    /// Reads the document.
    func read() async throws -> [UInt8] {
        switch self {
        case .url(let url): try await WebFetch(url: url, limit: Self.maximumSize).run()
        case .file(let path): try BoundedFile.read(path, limit: Self.maximumSize)
        }
    }
}
