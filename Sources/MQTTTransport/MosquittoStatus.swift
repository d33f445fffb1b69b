internal import CMosquitto
internal import Glibc

/// A result code of libmosquitto. An enum in C, but `Int32` wherever a function returns it.
struct MosquittoStatus: Equatable {
    static let success = MosquittoStatus(0)
    /// An end of the stream before the CONNACK.
    static let closedEarly = MQTTError.lost(detail: "the peer closed the connection before it answered")

    let code: Int32
    /// What `errno` was, for the codes that refer to it.
    let systemError: Int32

    init(_ code: Int32, systemError: Int32 = 0) {
        self.code = code
        self.systemError = systemError
    }

    static func == (status: MosquittoStatus, code: mosq_err_t) -> Bool {
        status.code == Int32(code.rawValue)
    }

    var isSuccess: Bool { self == MOSQ_ERR_SUCCESS }

    var text: String {
        self == MOSQ_ERR_ERRNO && self.systemError != 0
            ? String(cString: strerror(self.systemError)) : String(cString: mosquitto_strerror(self.code))
    }

    /// What a failed attempt to connect means. `detail` is what the library logged meanwhile.
    func connectFailure(_ endpoint: MQTTEndpoint, detail: String) -> MQTTError {
        if self == MOSQ_ERR_TLS || (!detail.isEmpty && endpoint.useTLS) {
            return .tls(detail: detail.isEmpty ? "the TLS handshake failed" : detail)
        }
        if self == MOSQ_ERR_ERRNO { return Self.systemFailure(self.systemError, endpoint) }
        if self == MOSQ_ERR_EAI {
            return .unreachable(endpoint: "\(endpoint)", detail: "the name “\(endpoint.host)” cannot be resolved")
        }
        if self == MOSQ_ERR_INVAL || self == MOSQ_ERR_MALFORMED_UTF8 { return .invalidOption(self.text) }
        return self == MOSQ_ERR_CONN_LOST ? Self.closedEarly : self.loss
    }

    /// What the end of an established connection means.
    var loss: MQTTError {
        if self == MOSQ_ERR_PROTOCOL || self == MOSQ_ERR_MALFORMED_UTF8 || self == MOSQ_ERR_MALFORMED_PACKET {
            return .malformed(detail: self.text)
        }
        if self == MOSQ_ERR_KEEPALIVE { return .lost(detail: "the broker is silent") }
        if self == MOSQ_ERR_CONN_LOST { return .lost(detail: "the broker closed it") }
        return .lost(detail: self.text)
    }

    /// What `code` (an errno value) of a connecting socket means.
    static func systemFailure(_ code: Int32, _ endpoint: MQTTEndpoint) -> MQTTError {
        switch code {
        case ECONNREFUSED: .refused(endpoint: "\(endpoint)")
        case ECONNRESET, EPIPE: Self.closedEarly
        default: .unreachable(endpoint: "\(endpoint)", detail: String(cString: strerror(code)))
        }
    }
}
