import LocalAPI
import StationCore

extension Doctor {
    /// Whether the API's certificate can be used and for how long; `nil` for plain HTTP.
    func examineCertificate(at time: Timestamp = SystemStationClock().wallTime) -> DoctorCheck? {
        guard let section = self.setup.configuration.http.tls else { return nil }
        let name = "certificate"
        let renewal = "Renew \(section.certFile), then: sudo systemctl reload station-agent"
        do throws(TLSFiles.Fault) {
            let identity = try TLSFiles(section: section).load()
            if let concern = TLSFiles.concern(identity, at: time) {
                return .warning(name, concern, remedy: renewal)
            }
            let days = (identity.notValidAfter.milliseconds - time.milliseconds) / 86_400_000
            return .ok(name, "\(section.certFile), \(days) days left")
        } catch {
            return .failed(name, error.message, remedy: "Correct \(error.setting), or the file; both must be PEM.")
        }
    }
}
