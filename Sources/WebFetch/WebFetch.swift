internal import PollLoop
internal import StationCore

/// One bounded GET of the web: TLS is at least 1.2 and verified, at most 3 redirections are followed and never from
/// https to http, proxies of the environment are used (`https_proxy`, `http_proxy`, `no_proxy`).
public struct WebFetch: Sendable {
    /// Where to, `https://…` or `http://…`; not to be shown, as it may have a password in it.
    let url: Secret
    /// The authorities to trust, PEM, instead of the system's.
    let caFile: String?
    /// How many bytes the body may have.
    let limit: Int
    /// How long all of it may take, in the time of the machine.
    let timeout: Duration
    /// Whether a proxy of the environment is used.
    let usesProxy: Bool

    /// - Parameters:
    ///   - url: Where to, `https://…` or `http://…`.
    ///   - caFile: The authorities to trust, PEM, instead of the system's.
    ///   - limit: How many bytes the body may have.
    ///   - timeout: How long all of it may take, in the time of the machine.
    ///   - usesProxy: Whether a proxy of the environment is used; none reaches this machine's loopback.
    public init(
        url: String, caFile: String? = nil, limit: Int = 1 << 20, timeout: Duration = .seconds(10),
        usesProxy: Bool = true
    ) {
        self.url = Secret(url)
        self.caFile = caFile
        self.limit = limit
        self.timeout = timeout
        self.usesProxy = usesProxy
    }

    /// Fetches the body, on a thread of its own; cancellation ends it within a second or so.
    ///
    /// - Throws: `WebFetchError` for everything that is not a whole body with status 200.
    public func run() async throws(WebFetchError) -> [UInt8] {
        let attempt = FetchAttempt(self)
        let outcome = await withTaskCancellationHandler {
            do throws(LoopError) {
                return try await SystemThread.value(name: "fetch") { attempt.run() }
            } catch {
                return .failure(WebFetchError.failed("no thread to fetch it on: \(error)"))
            }
        } onCancel: {
            attempt.abort()
        }
        return try outcome.get()
    }
}
