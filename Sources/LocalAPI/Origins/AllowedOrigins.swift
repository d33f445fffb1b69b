import Synchronization

/// The web pages that may speak to the station besides its own (`http.corsOrigins`); may be changed while it runs.
///
/// A browser sends a page's `Origin` with everything that a page may not do elsewhere unasked. Programs that are no
/// browsers send none and are told by their tokens alone.
public final class AllowedOrigins: Sendable {
    private let configured: Mutex<Set<String>>
    /// The origin of the station's public URL: behind a proxy, `Host` may be another.
    private let ownOrigin: String?

    /// - Parameters:
    ///   - origins: As browsers send them: `scheme://host[:port]` in lower case, without a default port.
    ///   - publicURL: The URL under which the station is known; a path at its end says nothing.
    public init(_ origins: [String] = [], publicURL: String? = nil) {
        self.configured = Mutex(Set(origins))
        self.ownOrigin = publicURL.flatMap(Self.origin)
    }

    /// Takes over the origins of a configuration that was read again.
    public func replace(by origins: [String]) {
        self.configured.withLock { $0 = Set(origins) }
    }

    /// Whether the operator has let the pages of an origin in, that is, whether they may read answers (CORS).
    public func isConfigured(_ origin: String) -> Bool {
        self.configured.withLock { $0.contains(origin) }
    }

    /// Whether pages of an origin may change something, or open a WebSocket.
    ///
    /// - Parameter host: The request's `Host`, which has been found to be the station's.
    public func allows(_ origin: String, host: String) -> Bool {
        self.isOwn(origin, host: host) || self.isConfigured(origin)
    }

    /// Whether the station itself has served the page.
    public func isOwn(_ origin: String, host: String) -> Bool {
        if origin == self.ownOrigin { return true }
        guard let separator = origin.firstRange(of: "://"), let host = HostField(host),
            let page = HostField(String(origin[separator.upperBound...])), page.name == host.name
        else { return false }
        // A proxy that ends TLS in front of the station leaves the page's scheme another than ours.
        switch origin[..<separator.lowerBound] {
        case "http": return page.port ?? 80 == host.port ?? 80
        case "https": return page.port ?? 443 == host.port ?? 443
        default: return false
        }
    }

    private static func origin(of url: String) -> String? {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<separator.lowerBound].lowercased()
        guard let host = HostField(String(url[separator.upperBound...].prefix { !"/?#".contains($0) })) else {
            return nil
        }
        let name = host.name.contains(":") ? "[\(host.name)]" : host.name
        let isImplied = host.port == nil || host.port == ["http": 80, "https": 443][scheme]
        return "\(scheme)://\(name)\(isImplied ? "" : ":\(host.port ?? 0)")"
    }
}
