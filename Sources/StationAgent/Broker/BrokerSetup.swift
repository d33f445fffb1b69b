import Glibc
import Logging
import MQTTBridge
import StationCore
import StationData

/// Sets a broker up for the station, and puts its file right before it starts (contract 6 and 7: `broker init`,
/// `broker restore`).
struct BrokerSetup: Sendable {
    /// More than any station's file has: some 2 KiB for each of 20 000 devices.
    static let maximumFile = 128 << 20

    /// What became of a file.
    enum Outcome: String, Sendable, Equatable {
        case written
        case unchanged
    }

    let setup: AgentSetup
    let layout: BrokerLayout

    private var copyPath: String { self.setup.configuration.data.brokerCopyPath }
    /// What the broker had when it was last found whole, with what others have added.
    private var lastPath: String { "\(self.layout.securityFile).last" }

    // MARK: Setting up

    /// Writes the broker's configuration, its file of logins and the agent's own password. What is right already is left
    /// alone.
    ///
    /// - Returns: What became of the configuration and of the file of logins.
    /// - Throws: `StorageError`, `StoreError`, `DeviceTypeFiles.Fault`.
    func initialize() async throws -> (configuration: Outcome, security: Outcome) {
        guard let plugin = BrokerLayout.findPlugin() else {
            throw StorageError(
                kind: .inputOutput, path: "mosquitto_dynamic_security.so", problem: "is not in any library directory",
                remedy: "Install Mosquitto with its plugin: sudo apt install mosquitto"
            )
        }
        umask(0o077)
        try self.setup.prepareDirectory()
        let secrets = SecretsFile(path: self.setup.configuration.data.secretsPath)
        let password = try secrets.brokerPassword()
        let present = try Self.read(self.layout.securityFile)
        let copy = try Self.read(self.copyPath)
        // The same as before if it is the same password, so that nothing is written without need.
        let known = [copy, present].compactMap { $0?.agentVerifier }.first { $0.matches(password) }
        let agent = try known ?? PasswordVerifier(of: password)
        let wanted = try await self.wanted(agent)
        try self.makeDirectory(of: self.copyPath, closed: true)
        if copy != wanted { try DurableFile.replace(self.copyPath, wanted.bytes) }
        try self.prepareSecurityDirectory()
        let security = try self.putRight(wanted, present)
        let text = Array(
            self.layout.configuration(
                plugin: plugin, allowsLegacyDevices: self.setup.configuration.access.allowsLegacyDevices
            ).utf8
        )
        return (try self.write(text), security)
    }

    /// What the broker should have by the store; without a store, the agent alone.
    private func wanted(_ agent: PasswordVerifier) async throws -> DynamicSecurityFile {
        let access = self.setup.brokerAccess(policy: BrokerPolicyBoard())
        guard BoundedFile.kind(of: self.setup.databasePath) == .file else {
            return DynamicSecurityFile(access: access, agent: agent)
        }
        let (hub, database) = try await self.setup.openHub()
        defer {
            // What was read is good either way.
            try? database.close()
        }
        return try await DynamicSecurityFile(of: hub, access: access, agent: agent)
    }

    private func write(_ text: [UInt8]) throws(StorageError) -> Outcome {
        let path = self.layout.configurationFile
        if (try? BoundedFile.read(path, limit: 65_536)) == text { return .unchanged }
        try self.makeDirectory(of: path, closed: false)
        try DurableFile.replace(path, text)
        // Debian's broker reads it as a user of its own.
        guard chmod(path, 0o644) == 0 else { throw StorageError(path, cannotBe: "opened to the broker", code: errno) }
        return .written
    }

    private func prepareSecurityDirectory() throws(StorageError) {
        try self.makeDirectory(of: self.layout.securityFile, closed: true)
        guard let user = self.layout.user else { return }
        let directory = String(self.layout.securityFile.dropLast("/dynsec.json".count))
        guard let entry = getpwnam(user) else {
            throw StorageError(
                kind: .inputOutput, path: directory, problem: "cannot be given to “\(user)”: there is no such user",
                remedy: "Install Mosquitto first: sudo apt install mosquitto"
            )
        }
        guard chown(directory, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw StorageError(directory, cannotBe: "given to “\(user)”", code: errno, remedy: "Run this as root")
        }
    }

    private func makeDirectory(of path: String, closed: Bool) throws(StorageError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let directory = String(path[..<slash])
        guard BoundedFile.kind(of: directory) == .absent else { return }
        guard mkdir(directory, closed ? 0o700 : 0o755) == 0 || errno == EEXIST else {
            throw StorageError(directory, cannotBe: "made", code: errno, remedy: "Run this as root, or name a --dir")
        }
        try DurableFile.giveToOwner(ofDirectory: directory, directory)
    }

    // MARK: Before a start

    /// Puts the broker's file right: whole, and with the logins that the agent wants. To be called while the broker does
    /// not run.
    ///
    /// - Throws: `StorageError`, also when there is nothing to put in the place of a file that is missing or torn.
    func restore() throws(StorageError) -> Outcome {
        let present = try Self.read(self.layout.securityFile)
        guard let wanted = try Self.read(self.copyPath) else {
            guard present == nil else { return .unchanged }
            throw StorageError(
                kind: .damaged, path: self.layout.securityFile,
                problem: "is missing or torn, and so is the agent's copy, \(self.copyPath)",
                remedy: "Make both anew from the store: sudo station-agent broker init"
            )
        }
        return try self.putRight(wanted, present)
    }

    /// Writes what is wanted, with what others have added, unless the broker's file says the same already.
    private func putRight(
        _ wanted: DynamicSecurityFile, _ present: DynamicSecurityFile?
    ) throws(StorageError) -> Outcome {
        let last = try Self.read(self.lastPath)
        let others = present ?? last
        let right = others.map { wanted.adding(foreignPartsOf: $0) } ?? wanted
        // What others have added is nowhere else than in this file, and the broker can tear it any time.
        if right != wanted, last != right { try DurableFile.replace(self.lastPath, right.bytes) }
        if let present, present.isEquivalent(to: right) { return .unchanged }
        try DurableFile.replace(self.layout.securityFile, right.bytes)
        return .written
    }

    /// Nil for a file that is missing, torn, or no such file.
    private static func read(_ path: String) throws(StorageError) -> DynamicSecurityFile? {
        do throws(BoundedFile.Fault) {
            return DynamicSecurityFile(try BoundedFile.read(path, limit: self.maximumFile))
        } catch {
            guard let code = error.code, !error.isAbsence else { return nil }
            throw StorageError(path, cannotBe: "read", code: code, remedy: "Run this as root")
        }
    }
}
