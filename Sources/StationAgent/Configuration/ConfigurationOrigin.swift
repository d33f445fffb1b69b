/// Where a value came from.
enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    case environment(variable: String)
    /// A file that a variable such as `JWT_SECRET_FILE` names.
    case secretFile(variable: String, path: String)
    case credential(name: String)
    case file(path: String, line: Int)
    case builtIn

    /// Reads on after “from”.
    var description: String {
        switch self {
        case .environment(let variable): "the environment variable \(variable)"
        case .secretFile(let variable, let path): "\(path), which \(variable) names"
        case .credential(let name): "the systemd credential \(name)"
        case .file(let path, let line): "\(path), line \(line)"
        case .builtIn: "the default"
        }
    }
}
