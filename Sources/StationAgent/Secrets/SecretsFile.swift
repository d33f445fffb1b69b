import Glibc
import StationCore
import StationData

/// `DATA_DIR/secrets.json`, mode 0600 (contract 7, “Files”).
///
/// A file that is damaged or cannot be read is an error and is not replaced from here: with a new station id every device
/// would be orphaned. The daemon mends it when it starts (`StationRescue`).
struct SecretsFile: Sendable {
    private static let sizeLimit = 65_536
    private static let shortestKey = 32

    let path: String

    /// What is in the file; at the first start, new secrets that are written to it first.
    ///
    /// - Throws: `StorageError` with the path, what is wrong and what to do.
    func loadOrMake() throws(StorageError) -> StationSecrets {
        if let secrets = try self.load() { return secrets }
        guard let made = StationSecrets.make() else { throw self.damaged("cannot be made: no station id") }
        if try DurableFile.create(self.path, Self.text(of: made)) { return made }
        // Another process (a command beside the daemon) was first; its secrets are the station's.
        guard let secrets = try self.load() else { throw StorageError(self.path, cannotBe: "read", code: ENOENT) }
        return secrets
    }

    /// The password with which the agent logs in at its broker, made if need be. All else in the file stays, also what
    /// other versions wrote.
    ///
    /// - Throws: `StorageError`.
    func brokerPassword() throws(StorageError) -> Secret {
        if let password = try self.loadOrMake().brokerPassword { return password }
        guard let bytes = try self.read(), var object = (try? JSONValue.parse(bytes))?.objectValue else {
            throw self.damaged("was changed by somebody else at this moment")
        }
        let password = OpaqueToken.make()
        object["brokerPassword"] = .string(password.revealed)
        try DurableFile.replace(self.path, JSONValue.object(object).serialized() + [UInt8(ascii: "\n")])
        return password
    }

    /// What is in the file; nil if there is none.
    func load() throws(StorageError) -> StationSecrets? {
        guard let bytes = try self.read() else { return nil }
        return try self.secrets(in: bytes)
    }

    /// The file as it is, with what other versions wrote into it; nil if there is none.
    ///
    /// - Throws: `StorageError`, for a damaged file too.
    func text() throws(StorageError) -> Secret? {
        guard let bytes = try self.read() else { return nil }
        _ = try self.secrets(in: bytes)
        return Secret(String(decoding: bytes, as: UTF8.self))
    }

    private func read() throws(StorageError) -> [UInt8]? {
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            bytes = try BoundedFile.read(self.path, limit: Self.sizeLimit)
        } catch {
            guard let code = error.code else { throw self.damaged("is too large for a file with secrets") }
            if code == ENOENT { return nil }
            throw StorageError(
                self.path, cannotBe: "read", code: code,
                remedy: code == EACCES || code == EPERM
                    ? "Run as the service's user, or give it the file: chown station-agent \(self.path)" : nil)
        }
        try self.closeToOthers()
        return bytes
    }

    /// Puts other secrets in the place of a file that is no good.
    func replace(by text: Secret) throws(StorageError) {
        try DurableFile.replace(self.path, Array(text.revealed.utf8))
    }

    /// Members that this version does not know are left out of account: a newer one may have written them.
    func secrets(in bytes: [UInt8]) throws(StorageError) -> StationSecrets {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            throw self.damaged(bytes.isEmpty ? "is empty" : "is damaged: \(error)")
        }
        guard let object = value.objectValue else {
            throw self.damaged("is damaged: it holds \(value.kind), not an object")
        }
        guard let idText = object["stationId"]?.stringValue, let id = StationID(idText) else {
            throw self.damaged("is damaged: “stationId” is missing or not \(TopicName.rule)")
        }
        guard let token = object["agentToken"]?.stringValue, !token.isEmpty else {
            throw self.damaged("is damaged: “agentToken” is missing or empty")
        }
        guard let key = object["jwtSecret"]?.stringValue, key.utf8.count >= Self.shortestKey else {
            throw self.damaged("is damaged: “jwtSecret” is missing or shorter than \(Self.shortestKey) bytes")
        }
        let password = object["brokerPassword"]?.stringValue
        guard password?.isEmpty != true else { throw self.damaged("is damaged: “brokerPassword” is empty") }
        return StationSecrets(
            stationID: id, agentToken: Secret(token), jwtSecret: Secret(key),
            brokerPassword: password.map { Secret($0) }
        )
    }

    /// A copy that came back from somewhere may have lost its mode.
    private func closeToOthers() throws(StorageError) {
        var facts = stat()
        guard stat(self.path, &facts) == 0 else { throw StorageError(self.path, cannotBe: "looked at", code: errno) }
        guard facts.st_mode & 0o077 != 0 else { return }
        guard chmod(self.path, 0o600) == 0 else {
            throw StorageError(
                self.path, cannotBe: "closed to other users", code: errno,
                remedy: "It holds secrets, so nobody else may read it: chmod 600 \(self.path)")
        }
    }

    private func damaged(_ problem: String) -> StorageError {
        StorageError(
            kind: .damaged, path: self.path, problem: problem,
            remedy:
                "Bring it back from a backup. Only if there is none, remove it: the station "
                + "then starts with a new id, and every device must be set up again")
    }

    static func text(of secrets: StationSecrets) -> [UInt8] {
        var value: JSONObject = [
            "stationId": .string(secrets.stationID.description),
            "agentToken": .string(secrets.agentToken.revealed),
            "jwtSecret": .string(secrets.jwtSecret.revealed),
        ]
        if let password = secrets.brokerPassword { value["brokerPassword"] = .string(password.revealed) }
        return JSONValue.object(value).serialized() + [UInt8(ascii: "\n")]
    }
}
