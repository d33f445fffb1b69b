import Glibc
public import StationCore

/// What the kernel tells in files: /proc, /sys and the device tree. What is not there, or not as expected, is `nil`.
public struct HostFiles: Sendable {
    private static let maximumSize = 16 << 10
    private static let maximumEntries = 256

    /// Where `/proc`, `/sys` and `/etc` are.
    private let root: String

    /// - Parameter root: Another folder in the place of `/`, for tests.
    public init(root: String = "") {
        self.root = root
    }

    var model: String? {
        // The device tree ends its texts with a zero byte. A PC has no such file.
        self.text("/proc/device-tree/model")?.split(separator: "\0").first.map(String.init)?.trimmed.nonEmpty
    }

    /// In °C; the first zone of all machines that have one is the processor's.
    public var temperature: Double? {
        guard let value = self.text("/sys/class/thermal/thermal_zone0/temp").flatMap({ Int($0.trimmed) }),
            (-100_000...200_000).contains(value)
        else { return nil }
        return Double(value) / 1000
    }

    /// The firmware's node is `soc:firmware`, on a Raspberry Pi 5 `soc@107c000000:firmware`.
    public var throttling: HostThrottling? {
        let platform = "/sys/devices/platform"
        let nodes = self.entries(platform).filter { $0 == "soc" || $0.hasPrefix("soc@") }
        for node in nodes {
            guard let text = self.text("\(platform)/\(node)/\(node):firmware/get_throttled")?.trimmed else { continue }
            let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
            if let flags = UInt32(digits, radix: 16) { return HostThrottling(flags: flags) }
        }
        return nil
    }

    /// All of it, and what programs can still have.
    public var memory: HostSpace? {
        guard let text = self.text("/proc/meminfo") else { return nil }
        let lines = text.split(separator: "\n")
        guard let total = Self.kibibytes(lines, "MemTotal:"),
            let available = Self.kibibytes(lines, "MemAvailable:")
        else { return nil }
        return HostSpace(total: total, available: available)
    }

    var uptime: Duration? {
        guard let word = self.text("/proc/uptime")?.split(separator: " ").first, let seconds = Double(word),
            (0...1e10).contains(seconds)
        else { return nil }
        return .milliseconds(Int64(seconds * 1000))
    }

    /// `PRETTY_NAME` of `/etc/os-release`.
    var operatingSystem: String? {
        for line in self.text("/etc/os-release")?.split(separator: "\n") ?? [] where line.hasPrefix("PRETTY_NAME=") {
            let value = String(line.dropFirst("PRETTY_NAME=".count)).trimmed
            let isQuoted = value.count >= 2 && value.first == value.last && (value.first == "\"" || value.first == "'")
            return (isQuoted ? String(value.dropFirst().dropLast()) : value).nonEmpty
        }
        return nil
    }

    /// `uname`: the kernel's release, the machine's architecture and its name on the network.
    static var kernel: (release: String, architecture: String, hostName: String)? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return (Self.text(of: names.release), Self.text(of: names.machine), Self.text(of: names.nodename))
    }

    /// Of the file system that a path is on.
    static func space(at path: String) -> HostSpace? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let block = UInt64(facts.f_frsize)
        let total = block.multipliedReportingOverflow(by: UInt64(facts.f_blocks))
        let available = block.multipliedReportingOverflow(by: UInt64(facts.f_bavail))
        guard !total.overflow, !available.overflow else { return nil }
        return HostSpace(
            total: Int64(clamping: total.partialValue), available: Int64(clamping: available.partialValue))
    }

    // MARK: Reading

    private static func kibibytes(_ lines: [Substring], _ key: String) -> Int64? {
        guard let line = lines.first(where: { $0.hasPrefix(key) }) else { return nil }
        let words = line.split(separator: " ")
        guard words.count >= 2, let value = Int64(words[1]), (0...Int64.max / 1024).contains(value) else { return nil }
        return value * 1024
    }

    private static func text<Tuple>(of characters: Tuple) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The beginning of a file.
    private func text(_ path: String) -> String? {
        let file = open(self.root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.maximumSize {
            let count = read(file, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func entries(_ path: String) -> [String] {
        guard let folder = opendir(self.root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < Self.maximumEntries, let entry = readdir(folder) {
            names.append(Self.text(of: entry.pointee.d_name))
        }
        return names.sorted()
    }
}

extension String {
    fileprivate var trimmed: String {
        let head = self.drop(while: \.isWhitespace)
        return String(head.reversed().drop(while: \.isWhitespace).reversed())
    }

    fileprivate var nonEmpty: String? { self.isEmpty ? nil : self }
}
