internal import CCurl
import StationCore

/// One SMTP transaction with libcurl, on the calling thread. The only type that knows the library.
final class CurlTransfer {
    /// Once for the process; thread-safe through the lazy initialisation of statics.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// An option was not taken: not built in, or a value that cannot be.
    private struct Refusal: Error {
        let code: CURLcode
    }

    private let attempt: MailAttempt
    private var offset = 0
    private var isHandedOver = false

    init(_ attempt: MailAttempt) {
        self.attempt = attempt
    }

    func perform() -> TransferResult {
        guard Self.isLibraryReady, let handle = curl_easy_init() else {
            return self.result(.fault, "libcurl cannot be set up: no memory")
        }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(self.attempt.recipient.address)>")
        defer { curl_slist_free_all(recipients) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CURL_ERROR_SIZE)) { errors in
            errors.initialize(repeating: 0)
            do throws(Refusal) {
                try self.check(station_curl_set_error_buffer(handle, errors.baseAddress))
                try self.check(station_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients))
                try self.configure(handle)
                try self.secure(handle)
            } catch {
                return self.result(.lastingFault, String(cString: curl_easy_strerror(error.code)))
            }
            return self.transfer(handle, errors)
        }
    }

    private func transfer(
        _ handle: UnsafeMutableRawPointer, _ errors: UnsafeMutableBufferPointer<CChar>
    )
        -> TransferResult
    {
        let code = curl_easy_perform(handle)
        // The callbacks look at this object through a pointer that nobody counts.
        withExtendedLifetime(self) {}
        var answer = 0
        station_curl_last_answer(handle, &answer)
        guard code != CURLE_OK else { return self.result(.completed, "", answer: answer) }
        var detail = errors.baseAddress.map { String(cString: $0) } ?? ""
        if detail.isEmpty { detail = String(cString: curl_easy_strerror(code)) }
        // The library tells the answer to a command, not that to the text.
        if answer >= 400, !detail.contains("\(answer)") { detail += ", the server answered \(answer)" }
        if self.attempt.isAborted { detail = "called off" }
        return self.result(Self.isLasting(code) ? .lastingFault : .fault, detail, answer: answer)
    }

    private func result(_ end: TransferResult.End, _ detail: String, answer: Int = 0) -> TransferResult {
        TransferResult(end: end, isHandedOver: self.isHandedOver, lastAnswer: answer, detail: detail)
    }

    private static func isLasting(_ code: CURLcode) -> Bool {
        [
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN, CURLE_LOGIN_DENIED,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
        ].contains(code)
    }

    // MARK: - Options

    private func check(_ code: CURLcode) throws(Refusal) {
        guard code == CURLE_OK else { throw Refusal(code: code) }
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: Int) throws(Refusal) {
        try self.check(station_curl_set_number(handle, option, value))
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String?) throws(Refusal) {
        try self.check(station_curl_set_text(handle, option, value))
    }

    private func configure(_ handle: UnsafeMutableRawPointer) throws(Refusal) {
        let attempt = self.attempt
        let whole = Int(attempt.limits.whole.milliseconds)
        try self.set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try self.set(handle, CURLOPT_URL, attempt.server.url)
        // No proxy of the environment, which is meant for the web.
        try self.set(handle, CURLOPT_PROXY, "")
        try self.set(handle, CURLOPT_MAIL_FROM, "<\(attempt.sender.address)>")
        try self.set(handle, CURLOPT_UPLOAD, 1)
        // Time-outs without SIGALRM.
        try self.set(handle, CURLOPT_NOSIGNAL, 1)
        try self.set(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(attempt.limits.connect.milliseconds))
        try self.set(handle, CURLOPT_TIMEOUT_MS, whole)
        // QUIT comes after the transfer and has this time-out alone; two minutes if nobody says otherwise.
        try self.set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, whole / 1000))
        // The connection ends within the transfer, where it can be called off, not in the clean-up.
        try self.set(handle, CURLOPT_FORBID_REUSE, 1)
        // A name service that does not answer holds up nobody: the look-up is left to itself.
        try self.set(handle, CURLOPT_QUICK_EXIT, 1)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try self.check(station_curl_set_reader(handle, readContent, context))
        try self.check(station_curl_set_watcher(handle, watchTransfer, context))
    }

    private func secure(_ handle: UnsafeMutableRawPointer) throws(Refusal) {
        let server = self.attempt.server
        let demand = server.mayBeClear ? CURLUSESSL_TRY : CURLUSESSL_ALL
        try self.set(handle, CURLOPT_USE_SSL, Int(demand.rawValue))
        try self.set(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try self.set(handle, CURLOPT_SSL_VERIFYPEER, 1)
        try self.set(handle, CURLOPT_SSL_VERIFYHOST, 2)
        if let caFile = server.caFile {
            try self.set(handle, CURLOPT_CAINFO, caFile)
            try self.set(handle, CURLOPT_CAPATH, nil)
        }
        if let credentials = server.credentials {
            try self.set(handle, CURLOPT_USERNAME, credentials.user)
            try self.set(handle, CURLOPT_PASSWORD, credentials.password.revealed)
        }
    }

    // MARK: - Callbacks

    fileprivate var isAborted: Bool { self.attempt.isAborted }

    /// Gives the next bytes; none at the end, upon which the library sends the line that ends the mail.
    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, self.attempt.content.count - self.offset)
        buffer.copyBytes(from: self.attempt.content[self.offset..<(self.offset + count)])
        self.offset += count
        if count == 0 { self.isHandedOver = true }
        return count
    }
}

private func readContent(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
}

private func watchTransfer(
    _ context: UnsafeMutableRawPointer?, _ toReceive: curl_off_t, _ received: curl_off_t, _ toSend: curl_off_t,
    _ sent: curl_off_t
) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().isAborted ? 1 : 0
}
