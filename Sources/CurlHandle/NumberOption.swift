internal import CCurl

/// The options of libcurl that take a number (curl_easy_setopt(3)), as far as the station uses them.
public enum NumberOption: Sendable, Hashable {
    /// 1: something is sent rather than fetched.
    case upload
    /// How long, in seconds, an answer to a command may take.
    case answerTimeout
    /// 1: the connection ends within the transfer, where it can be called off, not in the clean-up.
    case forbidReuse
    /// 1: redirections are followed.
    case followRedirections
    /// How many of them at most.
    case maximumRedirections
    /// 1: an answer of 400 or more ends the transfer, and its body is not fetched.
    case failOnError

    var code: CURLoption {
        switch self {
        case .upload: CURLOPT_UPLOAD
        case .answerTimeout: CURLOPT_SERVER_RESPONSE_TIMEOUT
        case .forbidReuse: CURLOPT_FORBID_REUSE
        case .followRedirections: CURLOPT_FOLLOWLOCATION
        case .maximumRedirections: CURLOPT_MAXREDIRS
        case .failOnError: CURLOPT_FAILONERROR
        }
    }
}
