import Testing

@testable import BLEProvision

@Suite("Improv's course")
struct ImprovStateMachineTests {
    typealias Event = ImprovStateMachine.Event
    typealias Action = ImprovStateMachine.Action

    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [(Event, Action)]

        init(_ name: String, _ steps: [(Event, Action)]) {
            self.testDescription = name
            self.steps = steps
        }
    }

    private static let sent: [(Event, Action)] = [(.state(.authorized), .send)]

    static let courses = [
        Course(
            "authorised at once, joins, tells where to go on",
            Self.sent + [
                (.error(.none), .wait), (.state(.provisioning), .wait), (.state(.provisioned), .awaitResult),
                (.result(next: "http://d"), .succeed(next: "http://d")), (.linkLost, .wait),
            ]),
        Course("the result comes first", Self.sent + [(.result(next: nil), .succeed(next: nil))]),
        Course(
            "the link goes after state 4, as it does",
            Self.sent + [(.state(.provisioned), .awaitResult), (.linkLost, .succeed(next: nil))]),
        Course(
            "no result after state 4",
            Self.sent + [(.state(.provisioned), .awaitResult), (.deadline, .succeed(next: nil))]),
        Course(
            "the button first",
            [
                (.state(.authorizationRequired), .askForButton), (.state(.authorizationRequired), .wait),
                (.error(.none), .wait), (.state(.authorized), .send),
            ]),
        Course(
            "the button is never pressed",
            [
                (.state(.authorizationRequired), .askForButton),
                (.deadline, .fail(.buttonNotPressed, detail: "no authorisation")),
            ]),
        Course(
            "the Wi-Fi cannot be joined",
            Self.sent + [
                (.state(.provisioning), .wait), (.error(.unableToConnect), .fail(.wifiNotJoined, detail: "error 3")),
            ]),
        Course(
            "the authorisation runs out in between",
            Self.sent + [
                (.error(.notAuthorized), .askForButton), (.state(.authorized), .send),
                (.error(.notAuthorized), .askForButton), (.state(.authorized), .send),
                (.error(.notAuthorized), .fail(.buttonNotPressed, detail: "error 4 again and again")),
            ]),
        Course(
            "a packet it does not take",
            Self.sent + [(.error(.invalidPacket), .fail(.refused, detail: "error 1, invalid packet"))]),
        Course("an error of its own", Self.sent + [(.error(.other(0xFF)), .fail(.refused, detail: "error 255"))]),
        Course("the link goes while it tries", Self.sent + [(.linkLost, .settleElsewhere)]),
        Course("it tries for too long", Self.sent + [(.deadline, .settleElsewhere)]),
        Course("the link goes before", [(.linkLost, .fail(.linkLost, detail: "before the settings were sent"))]),
        Course(
            "it says nothing",
            [(.state(nil), .wait), (.deadline, .fail(.deviceSilent, detail: "no state to begin with"))]),
        Course(
            "somebody has provisioned it",
            [(.state(.provisioned), .fail(.alreadyProvisioned, detail: "state 4 before anything was sent"))]),
        Course(
            "it still tries what it was told before, in vain, and takes ours",
            [
                (.state(.provisioning), .awaitAttempt), (.error(.unableToConnect), .wait), (.state(.authorized), .send),
            ]),
        Course(
            "it succeeds with what it was told before",
            [
                (.state(.provisioning), .awaitAttempt), (.state(.provisioning), .wait),
                (.state(.provisioned), .fail(.alreadyProvisioned, detail: "state 4 before anything was sent")),
            ]),
    ]

    @Test("Every event leads to its action", arguments: Self.courses)
    func course(_ course: Course) {
        var machine = ImprovStateMachine()
        for (index, step) in course.steps.enumerated() {
            let action = machine.handle(step.0)
            #expect(action == step.1, "step \(index)")
        }
    }
}
