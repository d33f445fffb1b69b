import StationCore

// What the device sees, and tells while it is accepted.

extension VirtualDeviceMachine {
    /// Begins to report: everything once, and then as its type does.
    mutating func beginReporting(at now: MonotonicInstant) {
        if self.behaviour.reportsOnAcceptance {
            switch self.profile.type {
            case .climate: self.measure(at: now)
            case .light: self.report(self.state)
            case .pir, .switchPIR:
                // Firmware of this family says one key at a time (contract 1, rule 4).
                for member in self.state.members { self.report([member.key: member.value]) }
            }
        } else if self.profile.type == .climate, let interval = self.behaviour.stateInterval {
            self.timers.set(.report, at: now.advanced(by: interval))
        }
        if self.profile.type.seesMotion, let interval = self.behaviour.motionInterval {
            self.timers.set(.motion, at: now.advanced(by: self.generator.around(interval)))
        }
        if self.profile.type.hasButton, let interval = self.behaviour.buttonInterval {
            self.timers.set(.press, at: now.advanced(by: self.generator.around(interval)))
        }
    }

    mutating func endReporting() {
        self.timers.cancel(.report)
        self.timers.cancel(.motion)
        self.timers.cancel(.press)
    }

    mutating func feel(_ stimulus: DeviceInput.Stimulus, at now: MonotonicInstant) {
        switch stimulus {
        case .press where self.profile.type.hasButton: self.press(at: now)
        case .motion(let isThere) where self.profile.type.seesMotion: self.seeMotion(isThere)
        case .light(let isOn) where self.profile.type == .light:
            self.light(isOn: isOn, brightness: nil)
        default: self.actions.append(.notice(.ignoredStimulus))
        }
    }

    mutating func measure(at now: MonotonicInstant) {
        if let interval = self.behaviour.stateInterval {
            self.timers.set(.report, at: now.advanced(by: interval))
        }
        self.state = self.climate.measure(using: &self.generator)
        self.report(self.state)
    }

    mutating func motionByChance(at now: MonotonicInstant) {
        guard let interval = self.behaviour.motionInterval else { return }
        let isThere = self.state["motion"] != true
        self.seeMotion(isThere)
        let pause = self.generator.around(isThere ? self.behaviour.motionLength : interval)
        self.timers.set(.motion, at: now.advanced(by: pause))
    }

    private mutating func seeMotion(_ isThere: Bool) {
        guard self.state["motion"] != .bool(isThere) else { return }
        self.state["motion"] = .bool(isThere)
        self.report(["motion": .bool(isThere)])
        self.tell(isThere ? "motion_detected" : "motion_cleared")
    }

    mutating func press(at now: MonotonicInstant) {
        if let interval = self.behaviour.buttonInterval {
            self.timers.set(.press, at: now.advanced(by: self.generator.around(interval)))
        }
        guard self.state["button"] != true else { return }
        self.state["button"] = true
        self.timers.set(.release, at: now.advanced(by: self.behaviour.buttonLength))
        self.report(["button": true])
        self.tell("button_press")
    }

    mutating func release(at now: MonotonicInstant) {
        self.state["button"] = false
        self.report(["button": false])
    }

    /// Switches, and reports both keys whether or not they changed; the event is only for a change.
    mutating func light(isOn: Bool, brightness: Int64?) {
        let wasOn = self.state["on"] == true
        self.state["on"] = .bool(isOn)
        if let brightness { self.state["brightness"] = .integer(brightness) }
        self.report(self.state)
        if isOn != wasOn { self.tell(isOn ? "turned_on" : "turned_off") }
    }

    /// `{"state":{…}}`; nothing while nobody has accepted the device.
    private mutating func report(_ patch: JSONObject) {
        guard self.phase == .accepted else { return }
        self.publish(["state": .object(patch)], on: DeviceTopic.state)
        self.tally.sent.state += 1
    }

    /// `{"event":"device_event","data":{"action":…}}`; nothing while nobody has accepted the device.
    private mutating func tell(_ action: String) {
        guard self.phase == .accepted else { return }
        self.publish(["event": "device_event", "data": ["action": .string(action)]], on: DeviceTopic.event)
        self.tally.sent.event += 1
    }
}
