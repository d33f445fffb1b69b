import ArgumentParser
import MQTTBridge
import StationCore

/// `station-agent broker …`: sets up a Mosquitto that confines everybody to its own topics (contract 6).
struct BrokerCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Set up the station's Mosquitto, and put its logins right before it starts.",
        subcommands: [InitBrokerCommand.self, RestoreBrokerCommand.self]
    )
}

/// Which broker.
struct BrokerOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions
    @Option(
        name: .customLong("dir"),
        help: "A directory for a broker of one's own; without, that of Debian's package.", completion: .directory
    )
    var directory: String?

    func setup(_ listener: BrokerLayout.Listener) throws -> BrokerSetup {
        let setup = try self.options.load()
        guard let directory else { return BrokerSetup(setup: setup, layout: .debian(listener)) }
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return BrokerSetup(setup: setup, layout: .directory(path, listener))
    }
}

struct InitBrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make Mosquitto let in whom the station knows, and nobody else.",
        discussion: """
            Writes Mosquitto's configuration, the file of its dynamic-security plugin and the agent's password for it. \
            May be repeated at any time; what is right already is left alone. Afterwards restart the broker and then \
            the agent: sudo systemctl restart mosquitto station-agent
            """
    )

    @OptionGroup var broker: BrokerOptions
    @Option(
        help: "ADDRESS:PORT or PORT to listen on; without, all addresses and 1883, with --dir 127.0.0.1:1883."
    )
    var listen: String?

    func run() async throws {
        let listener = try self.listener()
        let setup = try self.broker.setup(listener)
        try await AgentExit.translating {
            let outcome = try await setup.initialize()
            print("\(setup.layout.configurationFile): \(outcome.configuration.rawValue)")
            print("\(setup.layout.securityFile): \(outcome.security.rawValue)")
        }
    }

    private func listener() throws -> BrokerLayout.Listener {
        guard let listen else {
            return BrokerLayout.Listener(address: self.broker.directory == nil ? nil : "127.0.0.1", port: 1883)
        }
        let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
        let address = parts.dropLast().joined(separator: ":").filter { $0 != "[" && $0 != "]" }
        guard let port = parts.last.flatMap({ Int($0) }), (1...65_535).contains(port),
            address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), parts.count == 1 || !address.isEmpty
        else {
            throw ValidationError("--listen is “\(listen)”; allowed are PORT and ADDRESS:PORT, IPv6 in brackets.")
        }
        return BrokerLayout.Listener(address: parts.count == 1 ? nil : address, port: port)
    }
}

struct RestoreBrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put the broker's file of logins right; to be run before the broker starts.",
        discussion: """
            Mosquitto writes the file in place, so a power cut can leave half of it; then nobody gets in. This puts \
            the agent's copy there, keeps what others have added, and leaves a file that is right alone.
            """
    )

    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        let setup = try self.broker.setup(BrokerLayout.Listener(address: nil, port: 1883))
        try await AgentExit.translating {
            print("\(setup.layout.securityFile): \(try setup.restore().rawValue)")
        }
    }
}
