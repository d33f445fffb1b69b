import StationCore
import StationData

/// Which board this is, for a cloud: 32 hexadecimal digits that stay the same whatever is installed on it, and that tell
/// nobody the serial number itself (contract 4, "States").
struct ChipID: Sendable, Hashable, CustomStringConvertible {
    private static let sizeLimit = 65_536

    let description: String

    /// The board's serial number, else the machine's id; where neither can be had, as in some containers, the station's.
    static func ofThisBoard(orElse stationID: StationID, root: String = "") -> ChipID {
        self.init(of: self.serial(root: root) ?? self.machineID(root: root) ?? "station \(stationID)")
    }

    private init(of source: String) {
        // Not the plain hash of the number: that could be looked up, and others may publish it.
        let hash = OpaqueToken.hash(Secret("station-agent chip id: \(source)"))
        self.description = hash.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
    }

    private static func serial(root: String) -> String? {
        let lines = self.text("\(root)/proc/cpuinfo").split(whereSeparator: \.isNewline)
        let line = lines.last { $0.hasPrefix("Serial") }
        let candidates = [
            line.flatMap { $0.split(separator: ":", maxSplits: 1).dropFirst().first.map(String.init) },
            self.text("\(root)/proc/device-tree/serial-number"),
        ]
        return candidates.lazy.compactMap { $0.flatMap(Self.word) }.first.map { "serial \($0)" }
    }

    private static func machineID(root: String) -> String? {
        self.word(self.text("\(root)/etc/machine-id")).map { "machine \($0)" }
    }

    /// A number as firmware writes it: without blanks and NULs around it. Nothing but zeros is no number.
    private static func word(_ text: String) -> String? {
        let word = text.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" }
        let isNumber = word.utf8.count >= 8 && word.utf8.count <= 128 && word.contains { $0 != "0" && $0 != "-" }
        // What systemd writes while an image has not been started for the first time.
        return isNumber && word != "uninitialized" ? word : nil
    }

    /// Empty for a file that cannot be read: there is another way.
    private static func text(_ path: String) -> String {
        guard let bytes = try? BoundedFile.read(path, limit: Self.sizeLimit) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
