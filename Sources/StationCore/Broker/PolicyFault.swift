/// What stands in a policy where something else is wanted (contract 6, "Policy rules").
public struct PolicyFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, such as `mqtt.acl.rules[2].topics[0]`; empty for the whole.
    public let path: String
    /// What is there, and what is allowed.
    public let message: String

    /// A fault at a place.
    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    /// The fault as a sentence.
    public var description: String {
        self.path.isEmpty ? "The policy \(self.message)." : "In the policy “\(self.path)” \(self.message)."
    }
}
