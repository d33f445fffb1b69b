import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import StationCore

/// `GET /metrics`: the counters in Prometheus' text format.
struct MetricRoutes: Sendable {
    let metrics: MetricRegistry

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        var text = Operation.Answer.ok("Prometheus' text format.", .string)
        text.mediaType = "text/plain"
        book.add(
            .get, "/metrics", by: hooks.monitor,
            Operation(
                "getMetrics", .health, "The station's counters; from the station itself without a token.",
                answers: [text])
        ) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: self.metrics.prometheusText))
            )
        }
    }
}
