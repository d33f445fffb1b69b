internal import CCurl

/// Why libcurl did not do what it was asked to, free of its own types.
public struct CurlFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The faults that somebody tells apart (libcurl-errors(3)).
    public enum Kind: Sendable, Hashable {
        /// Not a protocol of the library, or not one that was allowed.
        case unsupportedProtocol
        case malformedURL
        /// The library was built without what is asked for.
        case notBuiltIn
        case loginDenied
        /// The certificate of the server, or of a proxy, is not to be trusted.
        case untrustedPeer
        /// The file of trusted certificates cannot be used.
        case badAuthorityFile
        /// The server does not offer the TLS that was demanded.
        case tlsMissing
        case timedOut
        /// The watcher wished for it.
        case calledOff
        /// The sink did not want any more.
        case sinkRefused
        case tooManyRedirections
        /// An answer of 400 or more, when that was to count as a fault.
        case errorAnswer
        /// Any other: name service, connection, an unexpected answer.
        case other
    }

    /// Which of them it is.
    public let kind: Kind
    /// What a person should know.
    public let description: String

    /// - Parameter detail: What the library told of this very fault; empty: nothing, then its general words are taken.
    init(_ code: CURLcode, detail: String = "") {
        self.kind = Self.kind(of: code)
        self.description = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    }

    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL: .unsupportedProtocol
        case CURLE_URL_MALFORMAT: .malformedURL
        case CURLE_NOT_BUILT_IN: .notBuiltIn
        case CURLE_LOGIN_DENIED: .loginDenied
        case CURLE_PEER_FAILED_VERIFICATION: .untrustedPeer
        case CURLE_SSL_CACERT_BADFILE: .badAuthorityFile
        case CURLE_USE_SSL_FAILED: .tlsMissing
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_ABORTED_BY_CALLBACK: .calledOff
        case CURLE_WRITE_ERROR: .sinkRefused
        case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirections
        case CURLE_HTTP_RETURNED_ERROR: .errorAnswer
        default: .other
        }
    }
}
