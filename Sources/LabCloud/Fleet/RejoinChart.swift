import StationCore

/// Reports as a picture: a panel for each, with a bar for each second.
public enum RejoinChart {
    private static let width = 760
    private static let panel = 250
    private static let plotLeft = 60
    private static let plotTop = 44
    private static let plotWidth = 680
    private static let plotHeight = 160

    /// The picture in SVG; in light and dark it takes the colours of its surroundings as far as it can.
    public static func svg(_ reports: [RejoinReport]) -> String {
        let height = self.panel * reports.count
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(self.width) \(height)\" role=\"img\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<title>How stations come back to a cloud</title>",
            "<rect width=\"\(self.width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
        ]
        for (number, report) in reports.enumerated() {
            lines.append("<g transform=\"translate(0 \(number * self.panel))\">")
            lines += self.panel(of: report)
            lines.append("</g>")
        }
        return (lines + ["</svg>\n"]).joined(separator: "\n")
    }

    private static func panel(of report: RejoinReport) -> [String] {
        let top = max(Double(report.worst), report.limit) * 1.1
        let seconds = max(report.requests.count, 10)
        let step = Double(self.plotWidth) / Double(seconds)
        let bottom = self.plotTop + self.plotHeight
        var lines = ["<text x=\"\(self.plotLeft)\" y=\"24\" font-size=\"14\">\(report.plan.title)</text>"]
        for (second, count) in report.requests.enumerated() where count > 0 {
            let barHeight = Double(count) / top * Double(self.plotHeight)
            let left = Double(self.plotLeft) + Double(second) * step
            lines.append(
                "<rect x=\"\(self.short(left))\" y=\"\(self.short(Double(bottom) - barHeight))\" "
                    + "width=\"\(self.short(max(1, step - 1)))\" height=\"\(self.short(barHeight))\" fill=\"#4a7ebb\">"
                    + "<title>second \(second): \(count)</title></rect>"
            )
        }
        lines += self.level(report.evenShare, "even share", "#5a8f3d", top)
        lines += self.level(report.limit, "limit", "#c0392b", top)
        lines.append(
            "<path d=\"M\(self.plotLeft) \(self.plotTop)V\(bottom)H\(self.plotLeft + self.plotWidth)\" fill=\"none\" "
                + "stroke=\"#333333\"/>"
        )
        let every = max(1, seconds / 10)
        for second in stride(from: 0, through: seconds, by: every) {
            let left = Double(self.plotLeft) + Double(second) * step
            lines.append("<text x=\"\(self.short(left))\" y=\"\(bottom + 16)\" text-anchor=\"middle\">\(second)</text>")
        }
        lines.append(
            "<text x=\"\(self.plotLeft + self.plotWidth / 2)\" y=\"\(bottom + 34)\" text-anchor=\"middle\">"
                + "seconds since the cloud is back; requests in each</text>"
        )
        return lines
    }

    private static func level(_ value: Double, _ name: String, _ colour: String, _ top: Double) -> [String] {
        let height = self.short(Double(self.plotTop + self.plotHeight) - value / top * Double(self.plotHeight))
        let right = self.plotLeft + self.plotWidth
        return [
            "<line x1=\"\(self.plotLeft)\" x2=\"\(right)\" y1=\"\(height)\" y2=\"\(height)\" stroke=\"\(colour)\" "
                + "stroke-dasharray=\"5 4\"/>",
            "<text x=\"\(self.plotLeft - 6)\" y=\"\(height)\" text-anchor=\"end\" fill=\"\(colour)\">"
                + "\(self.short(value))</text>",
            "<text x=\"\(right)\" y=\"\(height)\" dy=\"-4\" text-anchor=\"end\" fill=\"\(colour)\">\(name)</text>",
        ]
    }

    private static func short(_ number: Double) -> String { RejoinReport.short(number) }
}
