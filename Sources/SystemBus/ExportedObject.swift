/// An object of ours that peers may call.
struct ExportedObject {
    let number: UInt64
    let handler: @Sendable (BusRequest) async throws(BusError) -> [BusValue]
}
