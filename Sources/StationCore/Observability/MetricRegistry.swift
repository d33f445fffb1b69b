import Synchronization

/// The numbers that `/metrics` shows: counters that only grow, and what is asked when it is read.
///
/// Labels come from a fixed vocabulary of ours, never from a peer, so the table cannot be made to grow.
public final class MetricRegistry: Sendable {
    /// A counter with at most one label, such as `station_mqtt_rejected_total{reason="not_json"}`.
    public struct Counter: Sendable, Hashable {
        public let name: String
        public let help: String
        public let label: String?

        public init(_ name: String, help: String, label: String? = nil) {
            self.name = name
            self.help = help
            self.label = label
        }
    }

    /// What is asked when it is read.
    private struct Asked: Sendable {
        let name: String
        let help: String
        /// In Prometheus' words.
        let type: String
        let value: @Sendable () -> Double?
    }

    private struct State {
        var counters: [Counter: [String: Int]] = [:]
        var asked: [Asked] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds to a counter.
    public func count(_ counter: Counter, _ labelValue: String = "", by amount: Int = 1) {
        self.state.withLock { $0.counters[counter, default: [:]][labelValue, default: 0] += amount }
    }

    /// What a counter stands at.
    public func value(of counter: Counter, _ labelValue: String = "") -> Int {
        self.state.withLock { $0.counters[counter]?[labelValue] ?? 0 }
    }

    /// Makes a gauge known; `nil` leaves it out of that reading.
    public func gauge(_ name: String, help: String, value: @escaping @Sendable () -> Double?) {
        self.state.withLock { $0.asked.append(Asked(name: name, help: help, type: "gauge", value: value)) }
    }

    /// As `gauge`, for a number that somebody else counts and that only grows.
    public func askedCounter(_ name: String, help: String, value: @escaping @Sendable () -> Double?) {
        self.state.withLock { $0.asked.append(Asked(name: name, help: help, type: "counter", value: value)) }
    }

    /// All of them in Prometheus' text format 0.0.4.
    public var prometheusText: String {
        let (counters, asked) = self.state.withLock { ($0.counters, $0.asked) }
        var text = ""
        for (counter, values) in counters.sorted(by: { $0.key.name < $1.key.name }) {
            text += "# HELP \(counter.name) \(counter.help)\n# TYPE \(counter.name) counter\n"
            for (labelValue, value) in values.sorted(by: { $0.key < $1.key }) {
                let labels = counter.label.map { "{\($0)=\"\(labelValue)\"}" } ?? ""
                text += "\(counter.name)\(labels) \(value)\n"
            }
        }
        for number in asked {
            guard let value = number.value() else { continue }
            let shown = Int64(exactly: value).map(String.init) ?? value.description
            text += "# HELP \(number.name) \(number.help)\n# TYPE \(number.name) \(number.type)\n"
            text += "\(number.name) \(shown)\n"
        }
        return text
    }
}
