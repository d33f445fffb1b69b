import Foundation

@testable import StationAgent

/// `docs/configuration.md`, whose table is written from the catalogue and kept to it by a test.
enum ConfigurationTable {
    /// Writes the file anew instead of comparing it.
    static let updateVariable = "STATION_UPDATE_DOCS"

    static var path: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/configuration.md").path
    }

    static var document: String {
        """
        # Configuration

        Precedence: environment, then the file that `NAME_FILE` names (secrets only), then the systemd credential
        `$CREDENTIALS_DIRECTORY/name-in-lower-case` (secrets only), then `/etc/station-agent/station-agent.yaml` or
        `--config FILE`, then the default. In the file the dots of a key are sections: `http.port` is `port:` below `http:`.
        An empty value means “not set”, except for `JWT_SECRET` (refused), `AGENT_TOKEN` (switched off) and
        `PROVISIONING_WIFI_PASSWORD` (an open network). An unknown key in the file is an error.

        Lengths of time are a number and a unit: `250ms`, `5s`, `15m`, `12h`, `7d`, `2w`.
        `station-agent config` shows what holds and where it comes from; faults are told all at once, with exit code 78.

        \(self.markdown)
        """
    }

    static var markdown: String {
        let rows = ConfigurationCatalogue.rows.map { row in
            let names = [row.environmentName, row.fileVariable].compactMap(\.self).map { "`\($0)`" }
            let cells = [
                names.joined(separator: ", "), "`\(row.path)`", row.defaultText,
                row.meaning + (row.isLive ? " Taken over at SIGHUP." : ""), row.allowed,
            ]
            return "| " + cells.map(self.escaped).joined(separator: " | ") + " |"
        }
        let heading = ["| Environment | File | Default | Meaning | Allowed |", "|---|---|---|---|---|"]
        return (heading + rows).joined(separator: "\n") + "\n"
    }

    private static func escaped(_ cell: String) -> String {
        cell.replacing("|", with: "\\|").replacing("<", with: "&lt;")
    }
}
