/// The course of an Improv provisioning as events in and actions out; it knows no link and no clock.
struct ImprovStateMachine: Sendable {
    /// Something that the device or the time did.
    enum Event: Sendable, Hashable {
        /// `nil` for a state that version 1 does not know.
        case state(ImprovState?)
        case error(ImprovError)
        /// The device's answer to the settings: where a person goes on, if it tells.
        case result(next: String?)
        case linkLost
        case deadline
    }

    /// What is to be done next.
    enum Action: Sendable, Hashable {
        case wait
        /// Tell the person to press the button; the deadline begins anew.
        case askForButton
        /// Write the settings; the deadline begins anew.
        case send
        /// The device is trying; the deadline begins anew.
        case awaitAttempt
        /// It is done; only the result may still come, for a short while.
        case awaitResult
        case succeed(next: String?)
        case settleElsewhere
        case fail(ProvisioningFault.Kind, detail: String)
    }

    private enum Phase: Sendable, Hashable {
        case starting
        case button
        /// The device was busy with somebody's settings when we came.
        case foreignAttempt
        case sent
        case provisioned
        case finished
    }

    /// How often settings are sent when the device takes its authorisation back in between.
    private static let maximumSends = 3

    private var phase = Phase.starting
    private var sends = 0

    mutating func handle(_ event: Event) -> Action {
        switch self.phase {
        case .starting, .button, .foreignAttempt: self.before(event)
        case .sent: self.after(event)
        case .provisioned: self.atEnd(event)
        case .finished: .wait
        }
    }

    private mutating func before(_ event: Event) -> Action {
        switch event {
        case .state(.authorized):
            return self.send()
        case .state(.authorizationRequired) where self.phase != .button:
            self.phase = .button
            return .askForButton
        case .state(.provisioning) where self.phase != .foreignAttempt:
            self.phase = .foreignAttempt
            return .awaitAttempt
        case .state(.provisioned):
            return self.fail(.alreadyProvisioned, "state 4 before anything was sent")
        case .linkLost:
            return self.fail(.linkLost, "before the settings were sent")
        case .deadline:
            return self.phase == .button
                ? self.fail(.buttonNotPressed, "no authorisation") : self.fail(.deviceSilent, "no state to begin with")
        case .state, .error, .result:
            // An error here is one of an earlier attempt.
            return .wait
        }
    }

    private mutating func after(_ event: Event) -> Action {
        switch event {
        case .state(.provisioned):
            self.phase = .provisioned
            return .awaitResult
        case .result(let next):
            return self.succeed(next)
        case .error(.unableToConnect):
            return self.fail(.wifiNotJoined, "error 3")
        case .error(.notAuthorized):
            guard self.sends < Self.maximumSends else { return self.fail(.buttonNotPressed, "error 4 again and again") }
            self.phase = .button
            return .askForButton
        case .error(.invalidPacket):
            return self.fail(.refused, "error 1, invalid packet")
        case .error(.unknownCommand):
            return self.fail(.refused, "error 2, unknown command")
        case .error(.other(let code)):
            return self.fail(.refused, "error \(code)")
        case .linkLost, .deadline:
            // The device has the settings and goes on without us.
            self.phase = .finished
            return .settleElsewhere
        case .state, .error(.none):
            return .wait
        }
    }

    /// The device stops its service about a second after the state: losing it now is the usual end.
    private mutating func atEnd(_ event: Event) -> Action {
        switch event {
        case .result(let next): self.succeed(next)
        case .linkLost, .deadline: self.succeed(nil)
        case .state, .error: .wait
        }
    }

    private mutating func send() -> Action {
        self.phase = .sent
        self.sends += 1
        return .send
    }

    private mutating func succeed(_ next: String?) -> Action {
        self.phase = .finished
        return .succeed(next: next)
    }

    private mutating func fail(_ kind: ProvisioningFault.Kind, _ detail: String) -> Action {
        self.phase = .finished
        return .fail(kind, detail: detail)
    }
}
