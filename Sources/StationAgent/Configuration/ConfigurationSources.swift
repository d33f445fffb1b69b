import Configuration
import FoundationEssentials

/// The places where values come from, in order of precedence: environment (with the files that it names), systemd
/// credentials, configuration file.
struct ConfigurationSources {
    /// A value found in one of the sources.
    struct Found {
        let text: String
        let origin: ConfigurationOrigin
    }

    private let reader: ConfigReader
    private let access: WinningProvider
    private let origins: [@Sendable (ConfigurationRow) -> ConfigurationOrigin]
    /// What is wrong with the sources themselves.
    let errors: [ConfigurationError]

    /// - Parameter file: nil if none was named; then `defaultFile` is read if it exists.
    init(file: String?, defaultFile: String, environment: [String: String]) {
        let rows = ConfigurationCatalogue.rows
        let configurationFile = Self.read(file ?? defaultFile, isNamed: file != nil)
        let secretFiles = SecretTexts.files(of: rows, environment: environment)
        let credentials = SecretTexts.credentials(of: rows, directory: environment["CREDENTIALS_DIRECTORY"])
        var lines: [String: Int] = [:]
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for row in rows {
            guard let entry = configurationFile.entries[row.path] else { continue }
            if entry.text.isEmpty, !row.emptyIsValue { continue }
            lines[row.path] = entry.line
            values[AbsoluteConfigKey(row.components)] = ConfigValue(.string(entry.text), isSecret: row.isSecret)
        }
        self.errors = configurationFile.errors + secretFiles.errors + credentials.errors
        self.access = WinningProvider()
        self.reader = ConfigReader(
            providers: [
                Self.environmentProvider(rows, environment),
                InMemoryProvider(name: "files named in the environment", values: secretFiles.values),
                InMemoryProvider(name: "systemd credentials", values: credentials.values),
                InMemoryProvider(name: configurationFile.path, values: values),
            ],
            accessReporter: self.access)
        let path = configurationFile.path
        self.origins = [
            { .environment(variable: $0.environmentName) },
            { row in
                let variable = row.fileVariable ?? row.environmentName
                return .secretFile(variable: variable, path: environment[variable] ?? "")
            },
            { .credential(name: $0.credentialName ?? $0.path) },
            { [lines] in .file(path: path, line: lines[$0.path] ?? 0) },
        ]
    }

    /// The value that wins; nil if nobody gives one.
    func value(of row: ConfigurationRow) -> Found? {
        guard let text = self.reader.string(forKey: ConfigKey(row.components), isSecret: row.isSecret),
            let winner = self.access.index, self.origins.indices.contains(winner)
        else { return nil }
        return Found(text: text, origin: self.origins[winner](row))
    }

    /// Only the variables that are settings, under the names of the table.
    private static func environmentProvider(
        _ rows: [ConfigurationRow], _ environment: [String: String]
    ) -> KeyMappingProvider<EnvironmentVariablesProvider> {
        var names: [AbsoluteConfigKey: AbsoluteConfigKey] = [:]
        var variables: [String: String] = [:]
        var secrets: Set<String> = []
        for row in rows {
            let name = row.environmentName
            names[AbsoluteConfigKey(row.components)] = AbsoluteConfigKey([name])
            if row.isSecret { secrets.insert(name) }
            if let text = environment[name], !text.isEmpty || row.emptyIsValue { variables[name] = text }
        }
        return EnvironmentVariablesProvider(
            environmentVariables: variables, secretsSpecifier: .specific(secrets)
        ).mapKeys { [names] in names[$0] ?? $0 }
    }

    private static func read(_ path: String, isNamed: Bool) -> ConfigurationFile {
        do throws(BoundedFile.Fault) {
            return ConfigurationFile(
                path: path, bytes: try BoundedFile.read(path, limit: ConfigurationFile.sizeLimit))
        } catch {
            if error.isAbsence, !isNamed { return ConfigurationFile(absentAt: path) }
            return ConfigurationFile(unreadable: error)
        }
    }
}
