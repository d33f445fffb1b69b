/// What an Improv device objects to (characteristic …002).
enum ImprovError: Sendable, Hashable {
    case none
    case invalidPacket
    case unknownCommand
    case unableToConnect
    case notAuthorized
    case other(UInt8)

    init(_ byte: UInt8) {
        self =
            switch byte {
            case 0: .none
            case 1: .invalidPacket
            case 2: .unknownCommand
            case 3: .unableToConnect
            case 4: .notAuthorized
            default: .other(byte)
            }
    }
}
