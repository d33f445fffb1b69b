import FoundationEssentials
import StationCore

/// What the kernel and the system tell in small files; tests have a tree of their own.
struct DoctorFiles: Sendable {
    private static let sizeLimit = 262_144

    /// What stands before every path; empty for the machine itself.
    var root = ""

    /// The text of a file without spaces around it; `nil` when it cannot be read.
    func text(_ path: String, limit: Int = Self.sizeLimit) -> String? {
        do throws(BoundedFile.Fault) {
            return String(decoding: try BoundedFile.read(self.root + path, limit: limit), as: UTF8.self)
                .trimmed
        } catch {
            return nil
        }
    }

    func integer(_ path: String) -> Int? {
        self.text(path).flatMap { Int($0) }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: self.root + path)
    }

    /// The names in a directory, in order; none when it cannot be read.
    func names(in path: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: self.root + path).sorted()
        } catch {
            return []
        }
    }
}
