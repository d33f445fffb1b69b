import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// `POST /api/mqtt/credentials`: a login at the broker for whoever shows a token (contract 6, "Subjects").
struct CredentialRoutes: Sendable {
    let hub: StationHub
    let logins: any LoginProjection
    let lifetime: Duration

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .post, "/api/mqtt/credentials", by: hooks.tokenHolder,
            Operation(
                "mintBrokerCredential", .brokers,
                "Makes a login at the broker that shows what the caller may see; a sixth replaces the oldest.",
                answers: [.ok("The login; its password is shown this once.", .brokerCredential)],
                refusals: [404, 409]
            ),
            use: self.mint
        )
    }

    @Sendable private func mint(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let holder = try context.credentialHolder
        let (credential, password) = try await self.hub.mintCredential(
            for: holder.owner, lifetime: self.lifetime, until: holder.end
        )
        await self.logins.settle()
        return .json([
            "username": .string(credential.username), "password": .string(password.revealed),
            // The broker insists on it.
            "client_id": .string(credential.username),
            "expires_at": JSONValue(credential.expiresAt),
        ])
    }
}
