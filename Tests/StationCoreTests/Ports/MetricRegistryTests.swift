import StationCore
import Testing

@Suite("The metric registry")
struct MetricRegistryTests {
    private let rejected = MetricRegistry.Counter("station_rejected_total", help: "Dropped.", label: "reason")
    private let plain = MetricRegistry.Counter("station_a_total", help: "Counted.")

    @Test("writes Prometheus' text: counters by name and label, then what is asked and has a value")
    func text() {
        let metrics = MetricRegistry()
        #expect(metrics.prometheusText == "")
        metrics.count(self.rejected, "not_json", by: 3)
        metrics.count(self.rejected, "bad_topic")
        metrics.count(self.plain)
        metrics.gauge("station_devices", help: "Devices.") { 7 }
        metrics.gauge("station_load", help: "Load.") { 0.25 }
        metrics.gauge("station_hidden", help: "Hidden.") { nil }
        metrics.askedCounter("station_b_total", help: "Counted elsewhere.") { 9 }
        #expect(
            metrics.prometheusText == """
                # HELP station_a_total Counted.
                # TYPE station_a_total counter
                station_a_total 1
                # HELP station_rejected_total Dropped.
                # TYPE station_rejected_total counter
                station_rejected_total{reason="bad_topic"} 1
                station_rejected_total{reason="not_json"} 3
                # HELP station_devices Devices.
                # TYPE station_devices gauge
                station_devices 7
                # HELP station_load Load.
                # TYPE station_load gauge
                station_load 0.25
                # HELP station_b_total Counted elsewhere.
                # TYPE station_b_total counter
                station_b_total 9

                """
        )
    }

    @Test("asks a gauge anew each time")
    func gauges() {
        let metrics = MetricRegistry()
        metrics.gauge("rejected", help: "") { Double(metrics.value(of: self.rejected, "x")) }
        #expect(metrics.prometheusText.hasSuffix("rejected 0\n"))
        metrics.count(self.rejected, "x", by: 2)
        #expect(metrics.prometheusText.hasSuffix("rejected 2\n"))
    }

    @Test("counts what many count at once")
    func concurrency() async {
        let metrics = MetricRegistry()
        let counter = self.rejected
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 { metrics.count(counter, task.isMultiple(of: 2) ? "even" : "odd") }
                }
            }
        }
        #expect(metrics.value(of: counter, "even") == 4000)
        #expect(metrics.value(of: counter, "odd") == 4000)
        #expect(metrics.value(of: counter, "never") == 0)
        #expect(metrics.value(of: self.plain) == 0)
    }
}
