/// A connection that has said what it wants.
struct LabArrival: Sendable {
    let line: LabLine
    let request: LabRequest
}
