internal import CurlHandle
internal import StationCore
internal import Synchronization

/// One try to fetch something, which can be called off.
final class FetchAttempt: Sendable {
    private static let maximumRedirections = 3

    private let fetch: WebFetch
    private let abortion = Atomic(false)

    init(_ fetch: WebFetch) {
        self.fetch = fetch
    }

    /// Calls the try off; it ends within a second or so.
    func abort() {
        self.abortion.store(true, ordering: .relaxed)
    }

    private var isAborted: Bool { self.abortion.load(ordering: .relaxed) }

    /// Blocks until it is over.
    func run() -> Result<[UInt8], WebFetchError> {
        guard !self.isAborted else { return .failure(.cancelled) }
        guard let scheme = self.scheme else { return .failure(.invalidURL) }
        guard let handle = EasyHandle() else { return .failure(.failed("libcurl cannot be set up: no memory")) }
        let limit = self.fetch.limit
        var body: [UInt8] = []
        var isTooLarge = false
        do throws(CurlFault) {
            try self.configure(handle, scheme)
            try handle.setSink { bytes in
                isTooLarge = bytes.count > limit - body.count
                guard !isTooLarge else { return false }
                body.append(contentsOf: bytes)
                return true
            }
        } catch {
            return .failure(.failed(error.description))
        }
        let ending = handle.perform()
        if isTooLarge { return .failure(.tooLarge(limit: limit)) }
        if let fault = ending.fault { return .failure(self.error(fault, ending.answer)) }
        return ending.answer == 200 ? .success(body) : .failure(.status(ending.answer))
    }

    /// `nil` for an address that is none of the web: libcurl would guess what is meant.
    private var scheme: String? {
        ["https", "http"].first { self.fetch.url.revealed.lowercased().hasPrefix("\($0)://") }
    }

    private func configure(_ handle: EasyHandle, _ scheme: String) throws(CurlFault) {
        try handle.set(.protocols, "https,http")
        try handle.set(.url, self.fetch.url.revealed)
        if !self.fetch.usesProxy { try handle.set(.proxy, "") }
        try handle.set(.userAgent, "station-agent")
        try handle.set(.followRedirections, 1)
        try handle.set(.maximumRedirections, Self.maximumRedirections)
        // What was asked for over TLS must not come without.
        try handle.set(.redirectionProtocols, scheme == "https" ? "https" : "https,http")
        try handle.set(.failOnError, 1)
        try handle.limit(connect: self.fetch.timeout, whole: self.fetch.timeout)
        try handle.verifyServer(caFile: self.fetch.caFile)
        try handle.setWatcher { self.isAborted }
    }

    private func error(_ fault: CurlFault, _ answer: Int) -> WebFetchError {
        if self.isAborted { return .cancelled }
        return switch fault.kind {
        case .malformedURL: .invalidURL
        case .errorAnswer: .status(answer)
        case .tooManyRedirections: .tooManyRedirections
        case .timedOut: .timedOut
        case .unsupportedProtocol, .notBuiltIn, .loginDenied, .untrustedPeer, .badAuthorityFile, .tlsMissing,
            .calledOff, .sinkRefused, .other:
            .failed(fault.description)
        }
    }
}
