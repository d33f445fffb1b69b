import Hummingbird
import StationCore

extension LocalAPIContext {
    /// The device that the path names.
    ///
    /// - Throws: `APIError.deviceNotFound`, also for what cannot be an id.
    func deviceID() throws(APIError) -> DeviceID {
        let text = self.parameters.get("id") ?? ""
        guard let id = PercentEncoding.decode(text.utf8, plusIsBlank: false).flatMap({ DeviceID($0) }) else {
            throw APIError.deviceNotFound(text)
        }
        return id
    }
}
