import Synchronization

/// Counts the ids that this process makes, whatever they are for: what keeps those of one millisecond in their order.
private let madeIDs = Atomic<UInt32>(.random(in: 0...(.max / 2)))

/// The id of one kind of thing: a UUID version 7 (RFC 9562), so that ids sort by the time of their making.
///
/// The phantom type keeps a device's id from being passed where a place's is wanted.
public struct Identifier<Entity>: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id, made now: 48 bits of milliseconds, 32 that count, 42 random ones. Of two ids that one process made at
    /// the same time, the later is the greater (RFC 9562, 6.2, method 1).
    public static func make(at time: Timestamp) -> Identifier {
        let count = madeIDs.wrappingAdd(1, ordering: .relaxed).newValue
        return self.init(time: time, count: count, random: .random(in: .min ... .max))
    }

    /// The smallest id that can have been made at a time: the border of a range query.
    public static func lowest(at time: Timestamp) -> Identifier {
        self.init(time: time, count: 0, random: 0)
    }

    private init(time: Timestamp, count: UInt32, random: UInt64) {
        let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
        self.high = milliseconds << 16 | 0x7000 | UInt64(count >> 20)
        self.low = 0x8000_0000_0000_0000 | UInt64(count & 0xF_FFFF) << 42 | random >> 22
    }

    /// Reads the canonical form (8-4-4-4-12 hexadecimal digits, either case); `nil` for anything else.
    ///
    /// Any version is accepted: ids that a cloud or an older station made are kept as they are.
    public init?(_ text: String) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80, digits < 32 else {
                    return nil
                }
                if digits < 16 {
                    high = high << 4 | UInt64(digit)
                } else {
                    low = low << 4 | UInt64(digit)
                }
                digits += 1
            }
            position += 1
        }
        guard position == 36, digits == 32 else { return nil }
        self.init(high: high, low: low)
    }

    /// The canonical form in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for (word, groups) in [(self.high, [8, 4, 4]), (self.low, [4, 12])] {
                var shift: UInt64 = 64
                for length in groups {
                    if position > 0 {
                        buffer[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    for _ in 0..<length {
                        shift -= 4
                        let digit = UInt8(truncatingIfNeeded: word >> shift) & 15
                        buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                        position += 1
                    }
                }
            }
            return position
        }
    }

    public static func < (one: Identifier, other: Identifier) -> Bool {
        (one.high, one.low) < (other.high, other.low)
    }
}

public typealias DeviceID = Identifier<Device>
public typealias PlaceID = Identifier<Place>
public typealias ZoneID = Identifier<Zone>
public typealias SensorID = Identifier<Sensor>
public typealias ActuatorID = Identifier<Actuator>
public typealias ThresholdID = Identifier<Threshold>
public typealias AlertID = Identifier<Alert>
public typealias CommandID = Identifier<DeviceCommand>
public typealias EventID = Identifier<DeviceEvent>
