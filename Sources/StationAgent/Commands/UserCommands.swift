import Accounts
import ArgumentParser
import StationCore
import StationData

/// `station-agent user …`: the people of this station, with or without a running daemon. No throttling stands between
/// the owner and the station itself.
struct UserCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Add, list and remove users, set their passwords and roles.",
        discussion: """
            Works on the station's store directly; a running daemon notices within a second. Passwords are asked for, or \
            read from the first line of standard input.
            """,
        subcommands: [
            AddUserCommand.self, ListUsersCommand.self, SetPasswordCommand.self, SetRoleCommand.self,
            RemoveUserCommand.self,
        ]
    )
}

struct AddUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a user; the first one becomes the owner.")

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The e-mail address.")
    var email: String
    @Option(help: "What people call them.")
    var name = ""
    @Option(help: "owner, admin or member; there is one owner.", transform: UserRole.init(argument:))
    var role: UserRole?

    func run() async throws {
        let email = try EmailAddress(parsing: self.email)
        guard self.name.unicodeScalars.count <= User.maximumNameLength else {
            throw ValidationError("--name may have at most \(User.maximumNameLength) characters.")
        }
        try await self.options.withHub { hub in
            let hash = try await PasswordHasher().hash(PasswordPrompt.read())
            let user = try await hub.addUser(
                NewUser(
                    email: email, name: self.name, passwordHash: hash,
                    admission: .given(self.role ?? (hub.needsOwner ? .owner : .member)), isEmailVerified: true
                )
            )
            print("Added \(user.email) as \(user.role.rawValue), \(user.id).")
        }
    }
}

struct ListUsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the users.")

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await self.options.withHub { hub in
            let users = hub.users
            if self.json {
                print(JSONValue.array(users.map(\.summary)))
            } else if users.isEmpty {
                print("There is no user yet; add the owner with: station-agent user add EMAIL")
            } else {
                let rows = users.map { user in
                    [
                        user.email, user.name, user.role.rawValue, user.isEmailVerified ? "yes" : "no",
                        user.id.description,
                    ]
                }
                for row in TextTable.rows([["E-MAIL", "NAME", "ROLE", "VERIFIED", "ID"]] + rows) { print(row) }
            }
        }
    }
}

struct SetPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Set a user's password and end their sessions.")

    @OptionGroup var chosen: ChosenUser

    func run() async throws {
        try await self.chosen.withUser { hub, user in
            let hash = try await PasswordHasher().hash(PasswordPrompt.read())
            try await hub.setPassword(hash: hash, of: user.id, verifyingEmail: true)
            print("The password of \(user.email) is set; their sessions have ended.")
        }
    }
}

struct SetRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "role", abstract: "Give a user another role.")

    @OptionGroup var chosen: ChosenUser
    @Argument(help: "admin or member.", transform: UserRole.init(argument:))
    var role: UserRole

    func run() async throws {
        try await self.chosen.withUser { hub, user in
            let user = try await hub.updateUser(user.id, role: self.role)
            print("\(user.email) is \(user.role.rawValue).")
        }
    }
}

struct RemoveUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a user, with their sessions and memberships.")

    @OptionGroup var chosen: ChosenUser

    func run() async throws {
        try await self.chosen.withUser { hub, user in
            try await hub.removeUser(user.id)
            print("Removed \(user.email).")
        }
    }
}

extension UserRole {
    fileprivate init(argument: String) throws {
        guard let role = UserRole(rawValue: argument) else {
            let allowed = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("“\(argument)” is no role; it must be one of \(allowed).")
        }
        self = role
    }
}

extension EmailAddress {
    fileprivate init(parsing text: String) throws {
        guard let address = EmailAddress(text) else {
            throw ValidationError("“\(text)” is no e-mail address; it must be \(EmailAddress.rule).")
        }
        self = address
    }
}

extension User {
    fileprivate var summary: JSONValue {
        [
            "id": .string(self.id.description), "email": .string(self.email), "name": .string(self.name),
            "role": .string(self.role.rawValue), "emailVerified": .bool(self.isEmailVerified),
            "createdAt": .string(self.createdAt.description),
        ]
    }
}
