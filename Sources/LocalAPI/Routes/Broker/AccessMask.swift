import StationCore

/// The `acc` of mosquitto-go-auth: bits for what a client is about to do (contract 6, "HTTP fronts").
enum AccessMask {
    static let rule = "a whole number or the digits of one: 1 read, 2 write, 4 subscribe, or a sum of them"

    private static let bits: [(bit: Int64, action: BrokerAction)] = [(1, .read), (2, .publish), (4, .subscribe)]

    /// The actions of a mask; none for a number that is no mask, `nil` for anything else.
    static func actions(_ value: JSONValue) -> [BrokerAction]? {
        let mask: Int64
        switch value {
        case .integer(let number):
            mask = number
        case .string(let text):
            guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                return nil
            }
            // More digits than a number can have are still digits.
            mask = Int64(text) ?? .max
        case .number(let number):
            guard let whole = Int64(exactly: number) else { return nil }
            mask = whole
        case .null, .bool, .array, .object:
            return nil
        }
        guard (1...7).contains(mask) else { return [] }
        return self.bits.filter { mask & $0.bit != 0 }.map(\.action)
    }
}
