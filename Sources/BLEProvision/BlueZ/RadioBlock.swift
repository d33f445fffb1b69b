import Glibc

/// The switch that holds Bluetooth down (rfkill, Documentation/driver-api/rfkill.rst of the kernel).
public struct RadioBlock: Sendable {
    /// What holds it down.
    public enum State: Sendable, Hashable {
        case none
        /// Software: it can be lifted.
        case soft
        /// A switch of the machine.
        case hard
    }

    /// `/sys/class/rfkill` of the machine.
    let directory: String
    let device: String

    public init(directory: String = "/sys/class/rfkill", device: String = "/dev/rfkill") {
        self.directory = directory
        self.device = device
    }

    /// The state of all Bluetooth switches together: free if any adapter is.
    public var state: State {
        let states = self.entries.filter { self.word("\($0)/type") == "bluetooth" }.map { entry -> State in
            if self.word("\(entry)/hard") == "1" { return .hard }
            return self.word("\(entry)/soft") == "1" ? .soft : .none
        }
        if states.isEmpty || states.contains(.none) { return .none }
        return states.contains(.soft) ? .soft : .hard
    }

    /// Lifts the soft block of all Bluetooth adapters. Needs write access to the device (group `netdev` or `bluetooth`).
    ///
    /// - Returns: Whether the kernel took it.
    func lift() -> Bool {
        let file = open(self.device, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        // struct rfkill_event: index 0 (any), type 2 (bluetooth), operation 3 (change all), soft 0, hard 0.
        let event: [UInt8] = [0, 0, 0, 0, 2, 3, 0, 0]
        return write(file, event, event.count) == event.count
    }

    private var entries: [String] {
        guard let folder = opendir(self.directory) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The first word of a file of sysfs; empty when there is none.
    private func word(_ name: String) -> String {
        let file = open("\(self.directory)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return "" }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    }
}
