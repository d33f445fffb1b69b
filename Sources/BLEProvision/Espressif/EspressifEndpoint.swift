/// What one can talk to on a device that waits to be provisioned (ESP-IDF, `wifi_prov_mgr`).
enum EspressifEndpoint: String, Sendable, Hashable, CaseIterable {
    case version = "proto-ver"
    case session = "prov-session"
    case config = "prov-config"
    case scan = "prov-scan"
    case control = "prov-ctrl"

    /// Digits 5–8 of the characteristic's UUID in firmware that describes none of them (esp-idf, `manager.c`).
    var shortUUID: String {
        switch self {
        case .control: "ff4f"
        case .scan: "ff50"
        case .session: "ff51"
        case .config: "ff52"
        case .version: "ff53"
        }
    }
}
