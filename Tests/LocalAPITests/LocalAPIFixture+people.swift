import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

extension LocalAPIFixture {
    /// Somebody with this role on the station, signed in.
    func person(_ role: UserRole) async throws -> HTTPProbe {
        let address = "\(role.rawValue)@example.com"
        _ = try await self.hub.addUser(
            NewUser(
                email: try #require(EmailAddress(address)), name: role.rawValue, passwordHash: Self.passwordHash,
                admission: .given(role), isEmailVerified: true
            )
        )
        let signIn = try await self.accounts.signIn(
            email: address, password: Self.password, from: Origin(address: "the fixture", isLocal: true)
        )
        return HTTPProbe(port: self.port, token: signIn.accessToken)
    }
}
