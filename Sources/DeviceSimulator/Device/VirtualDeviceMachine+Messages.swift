import StationCore

// What the station says, and what the device does then.

extension VirtualDeviceMachine {
    mutating func received(_ payload: [UInt8], on suffix: String, at now: MonotonicInstant) {
        guard self.isConnected else { return }
        guard DeviceTopic.subscriptions.contains(suffix) else {
            self.tally.strayMessages += 1
            return
        }
        let object: JSONObject
        do throws(JSONError) {
            guard let parsed = try JSONValue.parse(payload).objectValue else {
                return self.ignore(suffix, because: "is not an object")
            }
            object = parsed
        } catch {
            return self.ignore(suffix, because: "\(error)")
        }
        if suffix == DeviceTopic.handshakeAck {
            self.answered(object, at: now)
        } else {
            self.commanded(object, at: now)
        }
    }

    private mutating func ignore(_ suffix: String, because reason: String) {
        self.tally.badPayloads += 1
        self.actions.append(.notice(.ignoredPayload(suffix: suffix, reason: reason)))
    }

    // MARK: - handshake/ack

    private mutating func answered(_ answer: JSONObject, at now: MonotonicInstant) {
        switch answer["status"]?.stringValue {
        case "ok": self.acknowledged(at: now)
        case "unknown_device": self.toldUnknown(at: now)
        default: self.ignore(DeviceTopic.handshakeAck, because: "“status” is neither “ok” nor “unknown_device”")
        }
    }

    private mutating func acknowledged(at now: MonotonicInstant) {
        self.tally.acknowledgements += 1
        self.unknownInARow = 0
        guard self.phase == .greeting else { return }
        self.phase = .accepted
        self.timers.cancel(.handshake)
        self.actions.append(.notice(.accepted))
        self.beginReporting(at: now)
    }

    private mutating func toldUnknown(at now: MonotonicInstant) {
        self.tally.unknownDevice += 1
        self.unknownInARow += 1
        self.actions.append(.notice(.toldUnknown(self.unknownInARow)))
        guard self.unknownInARow < self.behaviour.unknownDeviceLimit else { return self.wipe(.toldUnknown) }
        guard self.phase == .accepted else { return }
        self.phase = .greeting
        self.endReporting()
        self.timers.set(.handshake, at: now.advanced(by: self.behaviour.handshakeInterval))
    }

    // MARK: - command

    private mutating func commanded(_ body: JSONObject, at now: MonotonicInstant) {
        guard let action = body["action"]?.stringValue else {
            return self.ignore(DeviceTopic.command, because: "has no “action” that is a string")
        }
        self.tally.commands += 1
        self.log(action, body, at: now)
        switch action {
        case "reboot": self.restart(at: now)
        case "factory_reset": self.wipe(.factoryReset)
        case "ota_update": self.update(body, at: now)
        case "wifi_update": self.changeNetwork(body, at: now)
        case _ where self.profile.type == .light: self.lightCommand(action, body)
        default: self.ignoreCommand(action)
        }
    }

    private mutating func log(_ action: String, _ body: JSONObject, at now: MonotonicInstant) {
        var masked = body
        for key in ["password", "token", "secret"] where masked[key] != nil {
            masked[key] = .string(Secret("").description)
        }
        self.receivedCommands.append(ReceivedCommand(action: action, body: masked, receivedAt: now))
        let excess = self.receivedCommands.count - self.behaviour.commandLogLimit
        if excess > 0 { self.receivedCommands.removeFirst(excess) }
    }

    private mutating func ignoreCommand(_ action: String) {
        self.tally.unknownCommands += 1
        self.actions.append(.notice(.ignoredCommand(action: action)))
    }

    private mutating func lightCommand(_ action: String, _ body: JSONObject) {
        switch action {
        case "toggle": self.light(isOn: self.state["on"] != true, brightness: nil)
        case "turn_on": self.light(isOn: true, brightness: nil)
        case "turn_off": self.light(isOn: false, brightness: nil)
        case "set_brightness":
            guard let brightness = body["brightness"]?.doubleValue, (0...100).contains(brightness) else {
                return self.ignore(DeviceTopic.command, because: "“brightness” is not a number from 0 to 100")
            }
            // A dimmer at nothing is off, at anything else on.
            self.light(isOn: brightness > 0, brightness: Int64(brightness.rounded()))
        default: return self.ignoreCommand(action)
        }
        self.actions.append(.notice(.obeyed(action: action)))
    }

    private mutating func changeNetwork(_ body: JSONObject, at now: MonotonicInstant) {
        guard let ssid = body["ssid"]?.stringValue, !ssid.isEmpty, body["password"]?.stringValue != nil else {
            return self.ignore(DeviceTopic.command, because: "“ssid” or “password” is missing or is no string")
        }
        self.actions.append(.notice(.changingNetwork(ssid: ssid)))
        self.leaveNetwork(at: now)
    }

    private mutating func update(_ body: JSONObject, at now: MonotonicInstant) {
        guard body["url"]?.stringValue?.isEmpty == false, let version = body["version"]?.stringValue, !version.isEmpty
        else {
            return self.ignore(DeviceTopic.command, because: "“url” or “version” is missing or is no string")
        }
        self.pendingVersion = version
        self.timers.set(.update, at: now.advanced(by: self.behaviour.updateTime))
        self.actions.append(.notice(.updating(to: version)))
    }

    mutating func finishUpdate(at now: MonotonicInstant) {
        guard let version = self.pendingVersion else { return }
        self.pendingVersion = nil
        switch self.behaviour.updateOutcome {
        case .succeeds: self.firmwareVersion = version
        case .rollsBack: self.actions.append(.notice(.updateFailed(version: version)))
        case .downloadFails:
            self.actions.append(.notice(.updateFailed(version: version)))
            return
        }
        self.restart(at: now)
    }
}
