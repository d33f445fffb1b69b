public import Foundation
import Glibc

/// Makes certificates with the openssl command, for servers that listen on 127.0.0.1.
public enum Certificates {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Makes `<name>-ca.pem` and, signed by it, `<name>.pem` with `<name>.key` in a directory.
    public static func make(_ name: String, in directory: URL, host: String = "IP:127.0.0.1") throws {
        func path(_ suffix: String) -> String { directory.appending(path: name + suffix).path }
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try Self.openssl(
            ["req", "-x509"] + key + [
                "-keyout", path("-ca.key"), "-out", path("-ca.pem"), "-days", "2", "-subj", "/CN=\(name) CA",
            ],
            directory)
        try Self.openssl(
            ["req"] + key + ["-keyout", path(".key"), "-out", path(".csr"), "-subj", "/CN=\(name)"], directory)
        try Data("subjectAltName=\(host)\n".utf8).write(to: directory.appending(path: name + ".ext"))
        try Self.openssl(
            [
                "x509", "-req", "-in", path(".csr"), "-CA", path("-ca.pem"), "-CAkey", path("-ca.key"),
                "-CAcreateserial",
                "-out", path(".pem"), "-days", "2", "-extfile", path(".ext"),
            ],
            directory)
    }

    private static func openssl(_ arguments: [String], _ directory: URL) throws {
        try Self.run("/usr/bin/openssl", arguments, output: directory.appending(path: "openssl.log"), then: ())
    }

    /// Runs a short program to its end and returns `result` if it succeeded.
    public static func run<Result>(_ program: String, _ arguments: [String], output: URL, then result: Result) throws -> Result
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, program, &actions, nil, words, environ) == 0 else {
            throw Failure(description: "\(program) cannot be started")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw Failure(description: "\(program): \((try? String(contentsOf: output, encoding: .utf8)) ?? "")")
        }
        return result
    }
}
