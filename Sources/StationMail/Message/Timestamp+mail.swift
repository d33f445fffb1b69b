import StationCore

extension Timestamp {
    /// The date as mails show it, in UTC (RFC 5322, 3.3): `Sat, 21 Nov 2026 08:30:00 +0000`.
    var mailDate: String {
        let parts = self.description.split { "-T:.Z".contains($0) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count >= 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        // 1970-01-01 was a Thursday.
        let days = max(0, self.milliseconds) / 86_400_000
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(days % 7)]
        return
            "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }
}
