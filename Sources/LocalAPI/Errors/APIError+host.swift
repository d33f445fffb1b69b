import HTTPTypes
import StationCore

/// Why something about the station's host is not told or not done.
extension APIError {
    init(_ fault: HostFault) {
        let message = fault.description
        switch fault {
        case .unavailable(let service, _): self.init(.serviceUnavailable, "\(service.subject)_unavailable", message)
        case .refused(let service, _): self.init(.serviceUnavailable, "\(service.subject)_not_allowed", message)
        case .timedOut(let service):
            self.init(.serviceUnavailable, "\(service.subject)_timeout", message)
            self.headers[.retryAfter] = "5"
        case .failed(let service, _): self.init(.badGateway, "\(service.subject)_failed", message)
        case .noWiFi: self.init(.serviceUnavailable, "wifi_absent", message)
        case .radioBlocked: self.init(.serviceUnavailable, "wifi_blocked", message)
        case .busy: self.init(.conflict, "wifi_busy", message)
        case .notJoined(let failure): self.init(failure)
        }
    }

    private init(_ failure: WiFiJoinFailure) {
        let code = "wifi_\(failure.reason.rawValue)"
        let field =
            switch failure.reason {
            case .networkNotFound, .unsupportedSecurity: "ssid"
            case .wrongPassword: "password"
            case .noAddress, .other: String?.none
            }
        guard let field else {
            self.init(.badGateway, code, failure.description)
            return
        }
        self.init(.unprocessableContent, code, failure.description)
        self.faults = [FieldFault(.body, field, .value, failure.description)]
    }
}

extension HostService {
    /// What it is for, in codes of errors.
    fileprivate var subject: String {
        switch self {
        case .networkManager: "network"
        case .logind: "restart"
        }
    }
}
