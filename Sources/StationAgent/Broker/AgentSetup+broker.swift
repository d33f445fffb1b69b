import Glibc
import MQTTBridge
import StationCore
import StationData

extension AgentSetup {
    /// How the agent logs in at its broker: as the configuration says, else as `broker init` has set it up.
    func brokerLogin(_ secrets: StationSecrets) -> (username: String, password: Secret)? {
        let mqtt = self.configuration.mqtt
        if let user = mqtt.user { return (user, mqtt.password ?? Secret("")) }
        return secrets.brokerPassword.map { (DynamicSecurityFile.agentUsername, $0) }
    }

    /// Who is let in at the broker, as the configuration has it.
    func brokerAccess(policy: BrokerPolicyBoard) -> BridgeConfiguration.Access {
        var access = BridgeConfiguration.Access()
        access.allowsLegacyDevices = self.configuration.access.allowsLegacyDevices
        access.policy = policy
        if let user = self.configuration.mqtt.user { access.reservedUsernames.insert(user) }
        return access
    }

    /// The agent's copy of what its broker should have; nil where `broker init` was never run.
    ///
    /// - Throws: `StoreError`, `StorageError`.
    func brokerCopy(_ secrets: StationSecrets) throws -> BrokerCopy? {
        guard let password = secrets.brokerPassword else { return nil }
        let path = self.configuration.data.brokerCopyPath
        let present = try? BoundedFile.read(path, limit: BrokerSetup.maximumFile)
        let known = present.flatMap { DynamicSecurityFile($0)?.agentVerifier }
        let agent = try known.flatMap { $0.matches(password) ? $0 : nil } ?? PasswordVerifier(of: password)
        return BrokerCopy(agent: agent, present: present) { bytes in
            if let slash = path.lastIndex(of: "/") { _ = mkdir(String(path[..<slash]), 0o700) }
            try DurableFile.replace(path, bytes)
        }
    }
}
