import FoundationEssentials
import GRDB
import StationCore

/// How the devices log in at the broker.
extension DeviceTable {
    /// The logins of all devices, each under both of its names.
    func logins(_ seal: SecretSeal) throws -> [BrokerLogin] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, external_id, broker_verifier, broker_password FROM devices
                WHERE status <> 'revoked' ORDER BY id
                """
        ).flatMap { row -> [BrokerLogin] in
            guard let id = DeviceID(row["id"] as String), let name = ExternalID(row["external_id"] as String) else {
                return []
            }
            return [name.description, BrokerLogin.alias(of: id)].map { username in
                BrokerLogin(
                    username: username, owner: .device(id, name),
                    verifier: (row["broker_verifier"] as String?).flatMap { PasswordVerifier($0) },
                    password: (row["broker_password"] as Data?).flatMap(seal.open)
                )
            }
        }
    }

    /// Keeps by what a device that has just shown its token can be known at the broker, if that is not known yet.
    func learn(_ login: SealedLogin, of id: DeviceID) throws {
        try self.db.execute(
            sql: """
                UPDATE devices SET broker_verifier = ?, broker_password = ?
                WHERE id = ? AND broker_verifier IS NULL AND status <> 'revoked'
                """,
            arguments: [login.verifier.description, login.password, id.description]
        )
    }

    func forgetPassword(of id: DeviceID, verifiedBy verifier: PasswordVerifier) throws {
        try self.db.execute(
            sql: "UPDATE devices SET broker_password = NULL WHERE id = ? AND broker_verifier = ?",
            arguments: [id.description, verifier.description]
        )
    }
}
