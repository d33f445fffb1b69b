/// What an object manager has: path → interface → property → value, out of its variant.
public typealias BusObjects = [String: [String: [String: BusValue]]]
