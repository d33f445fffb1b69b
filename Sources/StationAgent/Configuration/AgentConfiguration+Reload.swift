extension AgentConfiguration {
    /// What may change while the agent runs.
    var live: LiveSettings {
        LiveSettings(
            logLevel: self.log.level, corsOrigins: self.http.corsOrigins,
            wifiSSID: self.provisioning.wifiSSID, wifiPassword: self.provisioning.wifiPassword)
    }

    /// What a configuration that was read again says differently.
    func changes(since old: AgentConfiguration) -> ConfigurationChanges {
        var changes = ConfigurationChanges()
        for (new, old) in zip(self.effective, old.effective) where new.differs(from: old) {
            if new.row.isLive {
                changes.live.append(new.row)
            } else {
                changes.atRestart.append(new.row)
            }
        }
        return changes
    }
}
