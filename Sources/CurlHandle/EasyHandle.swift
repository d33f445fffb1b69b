internal import CCurl
internal import StationCore

/// One transfer with libcurl's easy interface, on the calling thread: it blocks. The only type that knows the library.
///
/// A handle belongs to one thread from its making to its end.
public final class EasyHandle {
    /// Once for the process; thread-safe through the lazy initialisation of statics.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let handle: UnsafeMutableRawPointer
    private let errors: UnsafeMutableBufferPointer<CChar>
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private var source: (UnsafeMutableRawBufferPointer) -> Int = { _ in 0 }
    private var sink: (UnsafeRawBufferPointer) -> Bool = { _ in false }
    private var isCalledOff: () -> Bool = { false }

    /// `nil` when libcurl cannot be set up, which is to say without memory.
    public init?() {
        guard Self.isLibraryReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.errors = .allocate(capacity: Int(CURL_ERROR_SIZE))
        self.errors.initialize(repeating: 0)
    }

    deinit {
        // In this order: until the first has returned, the library may look at the others.
        curl_easy_cleanup(self.handle)
        curl_slist_free_all(self.recipients)
        self.errors.deallocate()
    }

    // MARK: - Options

    /// Sets an option; `nil` takes it back to its default.
    ///
    /// - Throws: `CurlFault` when it is not built in, or the value cannot be.
    public func set(_ option: TextOption, _ value: String?) throws(CurlFault) {
        try Self.check(station_curl_set_text(self.handle, option.code, value))
    }

    /// Sets an option.
    ///
    /// - Throws: `CurlFault` when it is not built in, or the value cannot be.
    public func set(_ option: NumberOption, _ value: Int) throws(CurlFault) {
        try self.set(option.code, value)
    }

    /// Limits how long the transfer may take, in the time of the machine: libcurl knows no other clock.
    ///
    /// - Parameters:
    ///   - connect: For name service, TCP and TLS.
    ///   - whole: For all of it.
    public func limit(connect: Duration, whole: Duration) throws(CurlFault) {
        // Time-outs without SIGALRM.
        try self.set(CURLOPT_NOSIGNAL, 1)
        try self.set(CURLOPT_CONNECTTIMEOUT_MS, Int(connect.milliseconds))
        try self.set(CURLOPT_TIMEOUT_MS, Int(whole.milliseconds))
        // A name service that does not answer holds up nobody: the look-up is left to itself.
        try self.set(CURLOPT_QUICK_EXIT, 1)
    }

    /// Wherever TLS is spoken, it is at least 1.2 and the server proves its name.
    ///
    /// - Parameter caFile: The authorities to trust, PEM, instead of the system's.
    public func verifyServer(caFile: String?) throws(CurlFault) {
        try self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try self.set(CURLOPT_SSL_VERIFYPEER, 1)
        try self.set(CURLOPT_SSL_VERIFYHOST, 2)
        guard let caFile else { return }
        try Self.check(station_curl_set_text(self.handle, CURLOPT_CAINFO, caFile))
        try Self.check(station_curl_set_text(self.handle, CURLOPT_CAPATH, nil))
    }

    /// Makes a plain connection a secure one before anything is said on it (STARTTLS).
    ///
    /// - Parameter mayBeClear: Whether to go on without if the server does not offer it.
    public func startTLS(mayBeClear: Bool) throws(CurlFault) {
        try self.set(CURLOPT_USE_SSL, Int((mayBeClear ? CURLUSESSL_TRY : CURLUSESSL_ALL).rawValue))
    }

    /// Adds a recipient of the mail, in angle brackets.
    public func addRecipient(_ address: String) throws(CurlFault) {
        guard let longer = curl_slist_append(self.recipients, address) else { throw CurlFault(CURLE_OUT_OF_MEMORY) }
        self.recipients = longer
        try Self.check(station_curl_set_list(self.handle, CURLOPT_MAIL_RCPT, longer))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(CurlFault) {
        try Self.check(station_curl_set_number(self.handle, option, value))
    }

    private static func check(_ code: CURLcode) throws(CurlFault) {
        guard code == CURLE_OK else { throw CurlFault(code) }
    }

    // MARK: - Callbacks

    /// Where the upload comes from: fills the buffer and tells how far; 0 at the end.
    public func setSource(_ source: @escaping (UnsafeMutableRawBufferPointer) -> Int) throws(CurlFault) {
        self.source = source
        try Self.check(station_curl_set_reader(self.handle, readContent, self.context))
    }

    /// Where what is fetched goes; `false` ends the transfer with `sinkRefused`.
    public func setSink(_ sink: @escaping (UnsafeRawBufferPointer) -> Bool) throws(CurlFault) {
        self.sink = sink
        try Self.check(station_curl_set_writer(self.handle, writeContent, self.context))
    }

    /// Asked at least once a second; `true` ends the transfer with `calledOff`.
    public func setWatcher(_ isCalledOff: @escaping () -> Bool) throws(CurlFault) {
        self.isCalledOff = isCalledOff
        try Self.check(station_curl_set_watcher(self.handle, watchTransfer, self.context))
    }

    private var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { self.source(buffer) }

    fileprivate func write(_ bytes: UnsafeRawBufferPointer) -> Bool { self.sink(bytes) }

    fileprivate var isToEnd: Bool { self.isCalledOff() }

    // MARK: - The transfer

    /// Blocks until it is over.
    public func perform() -> CurlEnding {
        // Without the buffer there are the library's general words.
        _ = station_curl_set_error_buffer(self.handle, self.errors.baseAddress)
        let code = curl_easy_perform(self.handle)
        // The callbacks look at this object through a pointer that nobody counts.
        withExtendedLifetime(self) {}
        var answer = 0
        station_curl_last_answer(self.handle, &answer)
        guard code != CURLE_OK else { return CurlEnding(fault: nil, answer: answer) }
        let detail = self.errors.baseAddress.map { String(cString: $0) } ?? ""
        return CurlEnding(fault: CurlFault(code, detail: detail), answer: answer)
    }
}

private func readContent(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
    let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return handle.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
}

private func writeContent(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let context else { return 0 }
    let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    // Anything but the whole is a fault to the library.
    return handle.write(UnsafeRawBufferPointer(start: buffer, count: size * count)) ? size * count : 0
}

private func watchTransfer(
    _ context: UnsafeMutableRawPointer?, _ toReceive: curl_off_t, _ received: curl_off_t, _ toSend: curl_off_t,
    _ sent: curl_off_t
) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue().isToEnd ? 1 : 0
}
