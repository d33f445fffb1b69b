import StationCore

/// How much this process has had written, by the kernel's count: what wears out an SD card.
enum ProcessWrites {
    private static let file = "/proc/self/io"

    /// Bytes since the process began; `nil` where the kernel does not count.
    static func bytes() -> Int? {
        do throws(BoundedFile.Fault) {
            return self.bytes(in: String(decoding: try BoundedFile.read(self.file, limit: 4096), as: UTF8.self))
        } catch {
            // A kernel without the count: then the figure is left out.
            return nil
        }
    }

    /// What reached no disk because it was taken back in time does not count.
    static func bytes(in text: String) -> Int? {
        var figures: [Substring: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":")
            guard parts.count == 2 else { continue }
            figures[parts[0]] = Int(parts[1].drop { $0 == " " })
        }
        guard let written = figures["write_bytes"] else { return nil }
        return max(0, written - (figures["cancelled_write_bytes"] ?? 0))
    }
}
