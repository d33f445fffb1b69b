import StationCore
import StationData

/// What `/metrics` shows of the hub, the card and the backups.
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
        metrics.gauge("station_telemetry_paused", help: "Whether readings wait in memory, the disk being full (1).") {
            hub.isTelemetryPaused ? 1 : 0
        }
        metrics.gauge("station_store_size_bytes", help: "The size of the database file.") {
            Double(hub.storeFigures.storeBytes)
        }
        metrics.gauge("station_store_log_bytes", help: "The size of its write-ahead log.") {
            Double(hub.storeFigures.logBytes)
        }
        metrics.gauge("station_disk_free_bytes", help: "What is free on the file system of the store.") {
            hub.storeFigures.space.map { Double($0.freeBytes) }
        }
        metrics.gauge("station_disk_size_bytes", help: "The size of that file system.") {
            hub.storeFigures.space.map { Double($0.totalBytes) }
        }
        metrics.askedCounter(
            "station_disk_written_bytes_total", help: "Bytes that the agent has had written to disks since its start."
        ) {
            ProcessWrites.bytes().map(Double.init)
        }
    }

    static func register(_ shelf: BackupShelf, _ clock: any StationClock, in metrics: MetricRegistry) {
        metrics.gauge("station_backup_files", help: "Automatic backups that are there.") {
            Double(shelf.entries().count)
        }
        metrics.gauge("station_backup_size_bytes", help: "The size of all of them together.") {
            Double(shelf.entries().reduce(0) { $0 + $1.byteCount })
        }
        metrics.gauge("station_backup_age_seconds", help: "How old the newest is by the station's clock.") {
            shelf.entries().first.map { Double(clock.wallTime.milliseconds - $0.madeAt.milliseconds) / 1000 }
        }
    }
}
