import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import StationCore

/// `GET /metrics`: the counters in Prometheus' text format.
struct MetricRoutes: Sendable {
    let metrics: MetricRegistry

    func add(to routes: some RouterMethods<LocalAPIContext>) {
        routes.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: self.metrics.prometheusText))
            )
        }
    }
}
