public import MQTTTransport

/// How a virtual device passes its time. The defaults are those of the published firmware as far as they are known.
public struct DeviceBehaviour: Sendable, Hashable {
    /// What comes of an `ota_update`.
    public enum UpdateOutcome: String, Sendable, Hashable, CaseIterable {
        /// It starts again with the new version.
        case succeeds
        /// The image cannot be fetched: nothing happens at all.
        case downloadFails = "download-fails"
        /// The new image does not run: it starts again, with the old version.
        case rollsBack = "rolls-back"
    }

    /// Between two handshakes while nobody answers.
    public var handshakeInterval: Duration = .seconds(5)
    public var heartbeatInterval: Duration = .seconds(30)
    /// Between two reports of a `climate`; `nil`: only one after each accepted handshake.
    public var stateInterval: Duration? = .seconds(30)
    /// Between two motions that a `pir` or `switch-pir` sees by chance, on average; `nil`: none by chance.
    public var motionInterval: Duration? = .seconds(60)
    /// How long a motion that was seen by chance lasts, on average.
    public var motionLength: Duration = .seconds(10)
    /// Between two times that somebody presses the button of a `switch-pir`, on average; `nil`: nobody does.
    public var buttonInterval: Duration? = .seconds(120)
    /// How long the button is held.
    public var buttonLength: Duration = .milliseconds(300)
    /// Whether it reports its state when its handshake is accepted. Load generators send their own reports instead.
    public var reportsOnAcceptance = true

    /// From `reboot` to the next connection.
    public var rebootTime: Duration = .seconds(2)
    /// From `wifi_update` to the next connection.
    public var networkChangeTime: Duration = .seconds(3)
    /// From `ota_update` to the restart.
    public var updateTime: Duration = .seconds(5)
    public var updateOutcome: UpdateOutcome = .succeeds
    /// So many `unknown_device` in a row, and it wipes itself (contract 1, rule 2).
    public var unknownDeviceLimit = 3

    /// The pauses between attempts to connect double from the first to the second …
    public var reconnectBase: Duration = .seconds(1)
    public var reconnectLimit: Duration = .seconds(30)
    /// … and begin anew once a connection has lasted for so long.
    public var stableAfter: Duration = .seconds(30)

    /// How the device sends everything.
    public var qos: MQTTQualityOfService = .atLeastOnce
    /// How many of the last commands are kept for inspection.
    public var commandLogLimit = 16

    public init() {}

    /// The same device, but what it reports by itself is left out, because a load generator reports in its place.
    var forLoad: DeviceBehaviour {
        var behaviour = self
        behaviour.stateInterval = nil
        behaviour.motionInterval = nil
        behaviour.buttonInterval = nil
        behaviour.reportsOnAcceptance = false
        return behaviour
    }

    /// Only what somebody or something causes is reported, and heartbeats: the device of the load generator and of
    /// tests that want no surprises.
    public static var quiet: DeviceBehaviour {
        var behaviour = DeviceBehaviour()
        behaviour.stateInterval = nil
        behaviour.motionInterval = nil
        behaviour.buttonInterval = nil
        return behaviour
    }

    /// Something happens every few seconds: for showing.
    public static var lively: DeviceBehaviour {
        var behaviour = DeviceBehaviour()
        behaviour.stateInterval = .seconds(2)
        behaviour.motionInterval = .seconds(10)
        behaviour.motionLength = .seconds(4)
        behaviour.buttonInterval = .seconds(15)
        return behaviour
    }
}
