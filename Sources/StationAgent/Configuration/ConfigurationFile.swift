import Yams

/// The settings of a YAML file, each with its line, and everything that is wrong with the file.
///
/// The file is read here and not by the configuration library's own YAML provider, which tells neither the lines nor
/// which keys there are, and gives up at the first fault.
struct ConfigurationFile {
    struct Entry {
        let text: String
        let line: Int
    }

    static let sizeLimit = 262_144

    let path: String
    private(set) var entries: [String: Entry] = [:]
    private(set) var errors: [ConfigurationError] = []

    /// An empty one, for when there is no file.
    init(absentAt path: String) {
        self.path = path
    }

    init(unreadable fault: BoundedFile.Fault) {
        self.path = fault.path
        self.errors = [
            ConfigurationError(
                subject: fault.path, reason: fault.isAbsence ? "there is no such file" : fault.description,
                allowed: "a YAML file that the agent may read")
        ]
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        guard let text = String(validating: bytes, as: UTF8.self) else {
            self.errors = [ConfigurationError(subject: path, reason: "the file is not UTF-8 text")]
            return
        }
        do {
            guard let root = try Parser(yaml: text).singleRoot() else { return }
            if root.isNull { return }
            guard case .mapping(let mapping) = root else {
                self.errors = [
                    ConfigurationError(
                        subject: path, reason: "the file is \(root.kind) and not a list of sections",
                        allowed: "sections such as “http:” with their keys indented below")
                ]
                return
            }
            self.walk(mapping, below: nil)
        } catch {
            self.errors = [Self.syntaxError(error, path: path)]
        }
    }

    /// Takes in a section's members; unknown ones are not descended into, so that aliases cannot multiply the work.
    private mutating func walk(_ mapping: Node.Mapping, below section: String?) {
        for (key, value) in mapping {
            let line = key.mark?.line ?? value.mark?.line ?? 0
            guard case .scalar(let name) = key else {
                self.fault(section ?? "the top level", line, "a key is \(key.kind) and not a name")
                continue
            }
            let path = section.map { "\($0).\(name.string)" } ?? name.string
            if let row = ConfigurationCatalogue.row(at: path) {
                self.take(value, for: row, line)
            } else if ConfigurationCatalogue.isSection(path) {
                self.enter(value, section: path, line)
            } else {
                let isSection = if case .mapping = value { true } else { false }
                let nearest = ConfigurationCatalogue.nearest(to: path, isSection: isSection)
                self.fault(
                    ShownText.quoted(path), line,
                    "there is no such \(isSection ? "section" : "key"); the nearest one is “\(nearest)”")
            }
        }
    }

    private mutating func take(_ value: Node, for row: ConfigurationRow, _ line: Int) {
        if let earlier = self.entries[row.path] {
            self.fault(row.name, line, "it is there twice, first in line \(earlier.line)")
            return
        }
        switch value {
        case .scalar(let scalar):
            // A bare `key:` and `key: null` say that there is no value; `key: ""` says that it is empty.
            if value.isNull { return }
            self.entries[row.path] = Entry(text: scalar.string, line: line)
        case .sequence(let sequence) where row.isList:
            var elements: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element else {
                    self.fault(row.name, line, "an element of the list is \(element.kind)", allowed: row.allowed)
                    return
                }
                elements.append(scalar.string)
            }
            self.entries[row.path] = Entry(text: elements.joined(separator: ","), line: line)
        default:
            self.fault(row.name, line, "its value is \(value.kind)", allowed: row.allowed)
        }
    }

    private mutating func enter(_ value: Node, section: String, _ line: Int) {
        if value.isNull { return }
        guard case .mapping(let mapping) = value else {
            let members = ConfigurationCatalogue.members(of: section).joined(separator: ", ")
            self.fault(
                section, line, "it is a section, but its value is \(value.kind)",
                allowed: "the keys \(members), indented below “\(section.split(separator: ".").last ?? ""):”")
            return
        }
        self.walk(mapping, below: section)
    }

    private mutating func fault(_ subject: String, _ line: Int, _ reason: String, allowed: String? = nil) {
        self.errors.append(
            ConfigurationError(
                subject: subject, origin: .file(path: self.path, line: line), reason: reason, allowed: allowed))
    }

    /// The parser's own messages quote the text around the fault, in which there may be a password.
    private static func syntaxError(_ error: any Error, path: String) -> ConfigurationError {
        func fault(_ line: Int?, _ reason: String) -> ConfigurationError {
            ConfigurationError(
                subject: line.map { "\(path), line \($0)" } ?? path, reason: reason)
        }
        return switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            fault(mark.line, "the file is not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            fault(
                context.mark.line,
                "\(keys.map(ShownText.quoted).joined(separator: ", ")) \(keys.count == 1 ? "is" : "are") there twice")
        case .reader(let problem, _, _, _):
            fault(nil, "the file is not valid YAML: \(problem)")
        default:
            fault(nil, "the file is not valid YAML")
        }
    }
}

extension Node {
    fileprivate var kind: String {
        switch self {
        case .scalar: self.isNull ? "nothing" : "a single value"
        case .mapping: "a section"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    fileprivate var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
