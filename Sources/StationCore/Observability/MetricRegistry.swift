import Synchronization

/// The numbers that `/metrics` shows: counters that only grow, gauges that are asked when they are read.
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

    private struct Gauge: Sendable {
        let name: String
        let help: String
        let value: @Sendable () -> Double?
    }

    private struct State {
        var counters: [Counter: [String: Int]] = [:]
        var gauges: [Gauge] = []
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
        self.state.withLock { $0.gauges.append(Gauge(name: name, help: help, value: value)) }
    }

    /// All of them in Prometheus' text format 0.0.4.
    public var prometheusText: String {
        let (counters, gauges) = self.state.withLock { ($0.counters, $0.gauges) }
        var text = ""
        for (counter, values) in counters.sorted(by: { $0.key.name < $1.key.name }) {
            text += "# HELP \(counter.name) \(counter.help)\n# TYPE \(counter.name) counter\n"
            for (labelValue, value) in values.sorted(by: { $0.key < $1.key }) {
                let labels = counter.label.map { "{\($0)=\"\(labelValue)\"}" } ?? ""
                text += "\(counter.name)\(labels) \(value)\n"
            }
        }
        for gauge in gauges {
            guard let value = gauge.value() else { continue }
            let shown = Int64(exactly: value).map(String.init) ?? value.description
            text += "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n\(gauge.name) \(shown)\n"
        }
        return text
    }
}
