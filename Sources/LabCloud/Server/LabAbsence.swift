import StationSocket

/// That the cloud is away for a while, as `POST /lab/leave` asks for.
struct LabAbsence: Sendable {
    let pause: Duration
    /// The code of the Close that goes before; nil for a killed cloud.
    let code: SocketCloseCode?
}
