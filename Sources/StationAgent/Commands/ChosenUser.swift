import ArgumentParser
import StationCore
import StationData

/// The user that a command is about, by what people have at hand.
struct ChosenUser: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The e-mail address or the id.")
    var user: String

    /// Opens the station's store and finds the user.
    ///
    /// - Throws: An exit code, after having said what is wrong, also that there is no such user.
    func withUser(_ body: (StationHub, User) async throws -> Void) async throws {
        try await self.options.withHub { hub in
            let user =
                EmailAddress(self.user).flatMap { hub.user(email: $0) } ?? UserID(self.user).flatMap { hub.user($0) }
            guard let user else {
                throw StoreError.invalid(
                    field: "user", message: "There is no user “\(self.user)”; see: station-agent user list")
            }
            try await body(hub, user)
        }
    }
}
