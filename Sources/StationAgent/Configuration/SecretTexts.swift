import Configuration

/// Secrets that were read from files of their own.
struct SecretTexts {
    private static let sizeLimit = 65_536

    private(set) var values: [AbsoluteConfigKey: ConfigValue] = [:]
    private(set) var errors: [ConfigurationError] = []

    /// Those whose files are named in the environment: `JWT_SECRET_FILE`.
    static func files(of rows: [ConfigurationRow], environment: [String: String]) -> SecretTexts {
        var texts = SecretTexts()
        for row in rows {
            guard let variable = row.fileVariable, let path = environment[variable], !path.isEmpty else { continue }
            if let direct = environment[row.environmentName], !direct.isEmpty || row.emptyIsValue {
                texts.errors.append(
                    ConfigurationError(
                        subject: row.name, origin: .environment(variable: row.environmentName),
                        reason: "\(variable) is set too",
                        allowed: "\(row.environmentName) or \(variable), not both"))
                continue
            }
            texts.read(path, for: row, origin: .secretFile(variable: variable, path: path), isNamed: true)
        }
        return texts
    }

    /// Those that systemd hands over in a directory: `jwt-secret`.
    static func credentials(of rows: [ConfigurationRow], directory: String?) -> SecretTexts {
        var texts = SecretTexts()
        guard let directory, !directory.isEmpty else { return texts }
        for row in rows {
            guard let name = row.credentialName else { continue }
            texts.read("\(directory)/\(name)", for: row, origin: .credential(name: name), isNamed: false)
        }
        return texts
    }

    private mutating func read(
        _ path: String, for row: ConfigurationRow, origin: ConfigurationOrigin, isNamed: Bool
    ) {
        do throws(BoundedFile.Fault) {
            var bytes = try BoundedFile.read(path, limit: Self.sizeLimit)
            // Editors and `echo` end a file with a line end, which is not part of the secret.
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                self.errors.append(
                    ConfigurationError(subject: row.name, origin: origin, reason: "it is not UTF-8 text"))
                return
            }
            guard !text.isEmpty || row.emptyIsValue else {
                self.errors.append(
                    ConfigurationError(
                        subject: row.name, origin: origin, reason: "the file is empty", allowed: row.allowed))
                return
            }
            self.values[AbsoluteConfigKey(row.components)] = ConfigValue(.string(text), isSecret: true)
        } catch {
            if error.isAbsence, !isNamed { return }
            self.errors.append(
                ConfigurationError(subject: row.name, origin: origin, reason: error.description))
        }
    }
}
