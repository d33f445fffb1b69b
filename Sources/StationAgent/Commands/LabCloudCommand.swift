import ArgumentParser
import LabCloud

/// `station-agent lab-cloud`: a cloud for labs, and an experiment with it.
struct LabCloudCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab-cloud",
        abstract: "Play the cloud, for labs and tests.",
        discussion: """
            A station finds it with CLOUD_HOST=ws://HOST:PORT. It is told what to do over HTTP on the same port: \
            “curl http://127.0.0.1:PORT/lab” lists all. It trusts whoever reaches it: no place for a real station.
            """,
        subcommands: [Serve.self, Rejoin.self],
        defaultSubcommand: Serve.self
    )

    /// `lab-cloud serve`
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "serve", abstract: "Play the cloud until Ctrl-C (the default)."
        )

        @Option(help: "The address to listen on.") var host = "127.0.0.1"
        @Option(help: "The port; 0 for any that is free.") var port = 8900
        @Flag(help: "Claim every station that asks for it.") var claimAll = false
        @Flag(help: "Believe tokens from before a restart.") var trustTokens = false

        func validate() throws {
            guard (0...65_535).contains(self.port) else {
                throw ValidationError("--port is \(self.port); allowed are 0 to 65535.")
            }
        }

        func run() async throws {
            _ = FileDescriptorLimit.raise()
            var options = LabOptions()
            options.claimsEverybody = self.claimAll
            options.trustsTokens = self.trustTokens
            let (host, port, chosen) = (self.host, self.port, options)
            try await AgentExit.translating {
                try await SignalWatch.run { try await Self.serve(host, port, chosen) }
            }
        }

        private static func serve(_ host: String, _ port: Int, _ options: LabOptions) async throws {
            try await LabCloud.run(host: host, port: port, options: options) { lab in
                print("The lab cloud listens on ws://\(host):\(lab.port); see http://\(host):\(lab.port)/lab")
                AgentExit.flushOutput()
                do {
                    while true { try await Task.sleep(for: .seconds(86_400)) }
                } catch {
                    // Ctrl-C: a cloud that is asked to stop says so.
                    await lab.stop()
                }
            }
        }
    }

    /// `lab-cloud rejoin`
    struct Rejoin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rejoin",
            abstract: "Take a cloud away from many stations and see how they come back.",
            discussion: """
                The stations are links with the machine of real ones. Prints the requests of each second as CSV; fails \
                when a second got more than twice the even share, or a station did not come back.
                """
        )

        @Option(help: "How many stations; with few, chance alone can break the rule.") var stations = 1_000
        @Option(help: "Seconds that the killed cloud is away.") var outage = 75
        @Option(help: "Seconds that the cloud that closes (1012) is away.") var pause = 1
        @Option(help: "Draw the result into this SVG file.") var svg: String?

        func validate() throws {
            guard (1...20_000).contains(self.stations) else {
                throw ValidationError("--stations is \(self.stations); allowed are 1 to 20000.")
            }
            guard (0...3_600).contains(self.outage) else {
                throw ValidationError("--outage is \(self.outage); allowed are 0 to 3600.")
            }
            guard (0...9).contains(self.pause) else {
                throw ValidationError("--pause is \(self.pause); allowed are 0 to 9.")
            }
        }

        func run() async throws {
            let allowed = FileDescriptorLimit.raise()
            // Both ends of every connection are here.
            guard UInt64(2 * self.stations + 100) <= allowed else {
                throw ValidationError("--stations is \(self.stations); this process may open \(allowed) files.")
            }
            let plans = [
                RejoinPlan(stations: self.stations, closeCode: 1012, outage: .seconds(self.pause)),
                RejoinPlan(stations: self.stations, closeCode: nil, outage: .seconds(self.outage)),
            ]
            let file = self.svg
            try await AgentExit.translating {
                try await SignalWatch.run { try await Self.compare(plans, file) }
            }
        }

        private static func compare(_ plans: [RejoinPlan], _ file: String?) async throws {
            var reports: [RejoinReport] = []
            print(RejoinReport.csvHeading, terminator: "")
            for plan in plans {
                let report = try await RejoinExperiment.run(plan)
                reports.append(report)
                print(report.csv, terminator: "")
                AgentExit.flushOutput()
                AgentExit.say("\(report)")
            }
            if let file { try DurableFile.replace(file, Array(RejoinChart.svg(reports).utf8)) }
            guard reports.allSatisfy(\.isGood) else { throw AgentExit.failure }
        }
    }
}
