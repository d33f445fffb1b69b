import Logging
import StationCore

extension HostFault {
    /// For the log: what happened, and what a service said.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["error": "\(self)"]
        metadata["detail"] = self.detail.map { "\($0)" }
        return metadata
    }
}
