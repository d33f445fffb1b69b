internal import CurlHandle
import StationCore

/// One SMTP transaction with libcurl, on the calling thread.
final class CurlTransfer {
    private let attempt: MailAttempt
    private var offset = 0
    private var isHandedOver = false

    init(_ attempt: MailAttempt) {
        self.attempt = attempt
    }

    func perform() -> TransferResult {
        guard let handle = EasyHandle() else {
            return self.result(.fault, "libcurl cannot be set up: no memory")
        }
        do throws(CurlFault) {
            try handle.addRecipient("<\(self.attempt.recipient.address)>")
            try self.configure(handle)
            try self.secure(handle)
        } catch {
            return self.result(.lastingFault, error.description)
        }
        let ending = handle.perform()
        guard let fault = ending.fault else { return self.result(.completed, "", answer: ending.answer) }
        var detail = fault.description
        // The library tells the answer to a command, not that to the text.
        if ending.answer >= 400, !detail.contains("\(ending.answer)") {
            detail += ", the server answered \(ending.answer)"
        }
        if self.attempt.isAborted { detail = "called off" }
        return self.result(Self.isLasting(fault.kind) ? .lastingFault : .fault, detail, answer: ending.answer)
    }

    private func result(_ end: TransferResult.End, _ detail: String, answer: Int = 0) -> TransferResult {
        TransferResult(end: end, isHandedOver: self.isHandedOver, lastAnswer: answer, detail: detail)
    }

    private static func isLasting(_ kind: CurlFault.Kind) -> Bool {
        switch kind {
        case .unsupportedProtocol, .malformedURL, .notBuiltIn, .loginDenied, .untrustedPeer, .badAuthorityFile,
            .tlsMissing:
            true
        case .timedOut, .calledOff, .sinkRefused, .tooManyRedirections, .errorAnswer, .other:
            false
        }
    }

    // MARK: - Options

    private func configure(_ handle: EasyHandle) throws(CurlFault) {
        let attempt = self.attempt
        try handle.set(.protocols, "smtp,smtps")
        try handle.set(.url, attempt.server.url)
        // No proxy of the environment, which is meant for the web.
        try handle.set(.proxy, "")
        try handle.set(.mailSender, "<\(attempt.sender.address)>")
        try handle.set(.upload, 1)
        try handle.limit(connect: attempt.limits.connect, whole: attempt.limits.whole)
        // QUIT comes after the transfer and has this time-out alone; two minutes if nobody says otherwise.
        try handle.set(.answerTimeout, max(1, Int(attempt.limits.whole.milliseconds) / 1000))
        try handle.set(.forbidReuse, 1)
        try handle.setSource { self.read(into: $0) }
        try handle.setWatcher { attempt.isAborted }
    }

    private func secure(_ handle: EasyHandle) throws(CurlFault) {
        let server = self.attempt.server
        try handle.startTLS(mayBeClear: server.mayBeClear)
        try handle.verifyServer(caFile: server.caFile)
        if let credentials = server.credentials {
            try handle.set(.user, credentials.user)
            try handle.set(.password, credentials.password.revealed)
        }
    }

    /// Gives the next bytes; none at the end, upon which the library sends the line that ends the mail.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, self.attempt.content.count - self.offset)
        buffer.copyBytes(from: self.attempt.content[self.offset..<(self.offset + count)])
        self.offset += count
        if count == 0 { self.isHandedOver = true }
        return count
    }
}
