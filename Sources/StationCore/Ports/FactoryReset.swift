/// Sends every device back to how it left the factory (contract 4, "Station reset").
public protocol FactoryReset: Sendable {
    /// Tells all devices, and returns when the broker has taken it for every one of them, or after this time.
    func factoryResetAll(within time: Duration) async
}
