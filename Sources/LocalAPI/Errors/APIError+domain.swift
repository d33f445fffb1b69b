import Accounts
import HTTPTypes
import Logging
import StationCore
import StationData

extension APIError {
    /// What the caller is told of anything that a route throws. Of what nobody foresaw it is told nothing.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as StoreError: self.init(error)
        case let error as AccountError: self.init(error)
        case let error as FirmwareError: self.init(error)
        case let error as ActuatorValueError:
            self = .invalidFields([FieldFault(.body, "value", .value, error.message)])
        case let error as ProvisioningRefusal: self.init(error)
        case let error as HostFault: self.init(error)
        case let error as CommandRefusal: self.init(.badRequest, error.code.rawValue, error.message)
        case let error as CommandDeliveryError:
            self.init(.serviceUnavailable, "broker_unavailable", SecretMask.inURLs(error.description))
        case is CancellationError:
            self.init(.serviceUnavailable, "shutting_down", "The station is stopping.")
        default:
            self.init(
                .internalServerError, "internal",
                "Something went wrong inside the station; its log has the details under this request id."
            )
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .deviceNotFound(let id): self = .deviceNotFound(id)
        case .notFound(let missing, _): self.init(.notFound, "\(missing.rawValue)_not_found", error.description)
        case .forbidden(let message): self.init(.forbidden, "forbidden", message)
        case .conflict(_, _, let message): self.init(.conflict, "conflict", message)
        case .invalid(let field, let message):
            self = .invalidFields([FieldFault(.body, field, .value, message)])
        case .account(let refusal): self.init(refusal)
        case .disk(.full, _):
            self.init(
                .serviceUnavailable, "store_unavailable",
                "The station's disk is full: nothing can be stored until there is room again."
            )
        case .unavailable, .newerSchema, .disk:
            // The cause may name files and statements: it is for the log.
            self.init(.serviceUnavailable, "store_unavailable", "The station's store cannot be used just now.")
        }
    }

    private init(_ refusal: AccountRefusal) {
        let message = refusal.description
        switch refusal {
        case .userNotFound: self.init(.notFound, "user_not_found", message)
        case .emailTaken: self.init(.conflict, "email_taken", message)
        case .alreadySetUp: self.init(.forbidden, "registration_closed", message)
        case .invitationInvalid: self.init(.forbidden, "invitation_invalid", message)
        case .ownerIsFixed: self.init(.forbidden, "owner_is_fixed", message)
        case .tooManyUsers: self.init(.conflict, "too_many_users", message)
        }
    }

    /// Notes what the caller is not told.
    func log(_ cause: any Error, to logger: Logger) {
        switch self.status.kind {
        case .serverError where self.code == "internal":
            logger.error("a request failed", metadata: ["error": "\(String(reflecting: cause))"])
        case .serverError where cause is StoreError || cause is CommandDeliveryError:
            logger.warning(
                "a request could not be done", metadata: ["code": "\(self.code)", "error": "\(cause)"]
            )
        case .serverError where cause is HostFault:
            var metadata = (cause as? HostFault)?.metadata ?? [:]
            metadata["code"] = "\(self.code)"
            logger.warning("a request could not be done", metadata: metadata)
        default:
            logger.debug("a request was refused", metadata: ["code": "\(self.code)", "reason": "\(self.message)"])
        }
    }
}
