/// A value of the D-Bus type system (D-Bus specification, Type System).
public indirect enum BusValue: Sendable, Hashable {
    /// `y`; an array of them is `bytes`.
    case byte(UInt8)
    /// `b`
    case bool(Bool)
    /// `n`
    case int16(Int16)
    /// `q`
    case uint16(UInt16)
    /// `i`
    case int32(Int32)
    /// `u`
    case uint32(UInt32)
    /// `x`
    case int64(Int64)
    /// `t`
    case uint64(UInt64)
    /// `d`
    case double(Double)
    /// `s`: UTF-8 without a zero byte; other bytes are refused by libdbus on their way in.
    case string(String)
    /// `o`
    case objectPath(String)
    /// `g`
    case signature(String)
    /// `h`
    case descriptor(BusDescriptor)
    /// An array of bytes, `ay`; what comes in is never `.array(of: "y")`.
    case bytes([UInt8])
    /// An array and the signature of its elements, which an empty one has too.
    case array([BusValue], of: String)
    /// An array of entries, such as `a{sv}`, and the signatures of key and value. Of equal keys the last one counts.
    case dictionary([BusValue: BusValue], key: String, value: String)
    /// `(…)`, with one field at least.
    case structure([BusValue])
    /// `v`: a value that brings its type along.
    case variant(BusValue)

    /// `a{sv}` as BlueZ takes its options: each value becomes a variant.
    public static func properties(_ values: [String: BusValue]) -> BusValue {
        var entries: [BusValue: BusValue] = [:]
        for (key, value) in values { entries[.string(key)] = .variant(value) }
        return .dictionary(entries, key: "s", value: "v")
    }

    /// `as`.
    public static func strings(_ values: [String]) -> BusValue {
        .array(values.map { .string($0) }, of: "s")
    }

    /// The type in letters, such as `a{sv}`.
    public var typeSignature: String {
        switch self {
        case .byte: "y"
        case .bool: "b"
        case .int16: "n"
        case .uint16: "q"
        case .int32: "i"
        case .uint32: "u"
        case .int64: "x"
        case .uint64: "t"
        case .double: "d"
        case .string: "s"
        case .objectPath: "o"
        case .signature: "g"
        case .descriptor: "h"
        case .bytes: "ay"
        case .array(_, let element): "a" + element
        case .dictionary(_, let key, let value): "a{\(key)\(value)}"
        case .structure(let fields): "(" + fields.map(\.typeSignature).joined() + ")"
        case .variant: "v"
        }
    }
}

extension BusValue: CustomStringConvertible {
    /// The type and the size: values may be secrets, so none is shown.
    public var description: String {
        switch self {
        case .bytes(let bytes): "ay of \(bytes.count) bytes"
        case .string(let text): "s of \(text.utf8.count) bytes"
        case .array(let elements, _): "\(self.typeSignature) of \(elements.count)"
        case .dictionary(let entries, _, _): "\(self.typeSignature) of \(entries.count)"
        case .variant(let value): "v (\(value))"
        default: self.typeSignature
        }
    }
}

extension BusValue: CustomDebugStringConvertible, CustomReflectable {
    public var debugDescription: String { self.description }

    /// Nothing: reflection is how `dump` and a failed test would show what the description hides.
    public var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
