internal import CCurl

/// The options of libcurl that take a text (curl_easy_setopt(3)), as far as the station uses them.
public enum TextOption: Sendable, Hashable {
    /// The address of the transfer.
    case url
    /// The protocols that it may use, separated by commas; everything else is refused.
    case protocols
    /// The protocols to which a redirection may lead.
    case redirectionProtocols
    /// The proxy; empty: none, not even that of the environment.
    case proxy
    /// What it calls itself towards a web server.
    case userAgent
    /// The sender of a mail, in angle brackets.
    case mailSender
    /// Who logs in.
    case user
    /// What they prove it with.
    case password

    var code: CURLoption {
        switch self {
        case .url: CURLOPT_URL
        case .protocols: CURLOPT_PROTOCOLS_STR
        case .redirectionProtocols: CURLOPT_REDIR_PROTOCOLS_STR
        case .proxy: CURLOPT_PROXY
        case .userAgent: CURLOPT_USERAGENT
        case .mailSender: CURLOPT_MAIL_FROM
        case .user: CURLOPT_USERNAME
        case .password: CURLOPT_PASSWORD
        }
    }
}
