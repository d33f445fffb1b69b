internal import CMosquitto

/// What libmosquitto's callbacks noted during a call; the connection reads it after the call, so that no continuation
/// is resumed and no library function is called from within a callback. Only messages are handed on at once.
///
/// Confined like the handle it belongs to: to the dialling thread first, then to the loop.
final class MosquittoEvents {
    struct SubscriptionAnswer {
        let messageID: Int32
        let granted: [Int32]
    }

    private let onMessage: @Sendable (InboundMessage) -> Void
    private let maximumPayload: Int

    /// Return code of the first CONNACK.
    var connectAnswer: Int32?
    var acknowledged: [Int32] = []
    var subscriptionAnswers: [SubscriptionAnswer] = []
    /// Grows with each callback: whether a call did anything.
    var count: UInt64 = 0
    /// Errors that the library logged while it connected, newest last; the first few only.
    var errorLines: [String] = []

    init(maximumPayload: Int, onMessage: @escaping @Sendable (InboundMessage) -> Void) {
        self.maximumPayload = maximumPayload
        self.onMessage = onMessage
    }

    /// Has the callbacks of `handle` report here. The handle must be destroyed before this object is released.
    func listen(to handle: OpaquePointer, withLog: Bool) {
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_callback_set(handle, noteConnectAnswer)
        mosquitto_message_callback_set(handle, passMessage)
        mosquitto_publish_callback_set(handle, noteAcknowledgement)
        mosquitto_subscribe_callback_set(handle, noteSubscriptionAnswer)
        if withLog { mosquitto_log_callback_set(handle, noteErrorLine) }
    }

    fileprivate func pass(_ message: mosquitto_message) {
        self.count &+= 1
        let size = max(0, Int(message.payloadlen))
        var payload: [UInt8] = []
        if size <= self.maximumPayload, let bytes = message.payload {
            payload = Array(UnsafeRawBufferPointer(start: bytes, count: size))
        }
        self.onMessage(
            InboundMessage(
                // Repairs what is not UTF-8, though the library has refused that already.
                topic: message.topic.map { String(cString: $0) } ?? "",
                payload: payload,
                payloadSize: size,
                isRetained: message.retain,
                qos: UInt8(truncatingIfNeeded: message.qos)
            )
        )
    }

    fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> MosquittoEvents? {
        context.map { Unmanaged<MosquittoEvents>.fromOpaque($0).takeUnretainedValue() }
    }
}

// The callbacks are functions at file scope: as closures in isolated code they would trap when C calls them.

private func noteConnectAnswer(_: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: Int32) {
    guard let events = MosquittoEvents.from(context) else { return }
    events.count &+= 1
    // A second CONNACK is a peer's mistake and changes nothing.
    if events.connectAnswer == nil { events.connectAnswer = code }
}

private func passMessage(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ message: UnsafePointer<mosquitto_message>?
) {
    guard let events = MosquittoEvents.from(context), let message else { return }
    events.pass(message.pointee)
}

private func noteAcknowledgement(_: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ messageID: Int32) {
    guard let events = MosquittoEvents.from(context) else { return }
    events.count &+= 1
    events.acknowledged.append(messageID)
}

private func noteSubscriptionAnswer(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ messageID: Int32, _ count: Int32,
    _ granted: UnsafePointer<Int32>?
) {
    guard let events = MosquittoEvents.from(context) else { return }
    events.count &+= 1
    let codes = Array(UnsafeBufferPointer(start: granted, count: granted == nil ? 0 : max(0, Int(count))))
    events.subscriptionAnswers.append(.init(messageID: messageID, granted: codes))
}

private func noteErrorLine(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ level: Int32, _ line: UnsafePointer<CChar>?
) {
    guard level & MOSQ_LOG_ERR != 0, let events = MosquittoEvents.from(context), let line else { return }
    if events.errorLines.count < 4 { events.errorLines.append(String(cString: line)) }
}
