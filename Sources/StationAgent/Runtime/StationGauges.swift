import StationCore
import StationData

/// What `/metrics` shows of the hub.
enum StationGauges {
    static func register(_ hub: StationHub, in metrics: MetricRegistry) {
        for status in [DeviceStatus.online, .offline] {
            metrics.gauge("station_devices_\(status.rawValue)", help: "Devices that are \(status.rawValue).") {
                Double(hub.statusCounts[status] ?? 0)
            }
        }
        metrics.gauge("station_pending_rows", help: "Readings and events that wait to be written.") {
            Double(hub.pendingRowCount)
        }
    }
}
