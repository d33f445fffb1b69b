import Accounts
import Glibc
import StationCore

/// Asks for a password: on a terminal twice and unseen, otherwise the first line of standard input. Never an argument,
/// which everybody on the machine could read.
enum PasswordPrompt {
    enum Fault: Error, CustomStringConvertible {
        case missing
        case different
        case notAllowed

        var description: String {
            switch self {
            case .missing: "There is no password on standard input."
            case .different: "The two passwords are not the same; nothing was changed."
            case .notAllowed: "The password must have \(PasswordRule.text)."
            }
        }
    }

    /// - Throws: `Fault`.
    static func read() throws(Fault) -> Secret {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine() else { throw .missing }
            return try self.checked(line)
        }
        let first = try self.ask("Password: ")
        let second = try self.ask("Once more: ")
        guard Secret(first) == Secret(second) else { throw .different }
        return try self.checked(first)
    }

    private static func checked(_ text: String) throws(Fault) -> Secret {
        let password = Secret(text)
        guard PasswordRule.admits(password) else { throw .notAllowed }
        return password
    }

    private static func ask(_ text: String) throws(Fault) -> String {
        var before = termios()
        let isKnown = tcgetattr(STDIN_FILENO, &before) == 0
        if isKnown {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        }
        defer {
            if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
            print()
        }
        print(text, terminator: "")
        AgentExit.flushOutput()
        guard let line = readLine() else { throw .missing }
        return line
    }
}
