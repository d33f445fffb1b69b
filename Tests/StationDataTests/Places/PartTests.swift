import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Sensors and actuators")
struct PartTests {
    // MARK: From the type

    @Test("A device that is made with a type has its sensors and actuators at once")
    func atCreation() async throws {
        try await TestStation.run { station in
            let lamp = try await station.add("Lamp", type: "light")
            #expect(try await station.hub.sensors(of: lamp.id).map(\.key) == ["brightness"])
            let actuators = try await station.hub.actuators(of: lamp.id)
            #expect(actuators.map(\.key) == ["on", "brightness"])
            #expect(actuators.map(\.range) == [ActuatorRange(), ActuatorRange(minimum: 0, maximum: 100, step: 1)])
            #expect(try await station.restarted().hub.actuators(of: lamp.id) == actuators)
        }
    }

    @Test("One without a type gets them with the first handshake that tells it, beside what was made by hand")
    func atHandshake() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let device = try await station.add()
            let mine = try await hub.addSensor(
                NewSensor(key: "humidity", name: "Mine", valueType: .boolean, unitLabel: "drops"), to: device.id
            )
            await station.hear(.hello(), from: device)
            #expect(try await hub.sensors(of: device.id) == [mine])
            await station.hear(.hello(type: "climate"), from: device)
            let sensors = try await hub.sensors(of: device.id)
            #expect(sensors.map(\.key) == ["humidity", "temperature", "pressure"])
            #expect(sensors.map(\.name) == ["Mine", "Temperature", "Pressure"])
            #expect(sensors[1].unitLabel == "°C")

            // Only the first: what somebody has deleted does not come back with every handshake.
            try await hub.removeSensor(sensors[1].id, of: device.id)
            await station.hear(.hello(type: "climate"), from: device)
            #expect(try await hub.sensors(of: device.id).map(\.key) == ["humidity", "pressure"])
        }
    }

    @Test("A type that is set later brings its own, too; a handshake with an unknown type brings none")
    func laterAndUnknown() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            try await station.change(device) { $0.type = "pir" }
            #expect(try await station.hub.sensors(of: device.id).map(\.key) == ["motion"])
            let odd = try await station.add()
            await station.hear(.hello(type: "toaster"), from: odd)
            #expect(station.hub.device(odd.id)?.type == "toaster")
            #expect(try await station.hub.sensors(of: odd.id).isEmpty)
        }
    }

    // MARK: By hand

    @Test("A sensor's name, unit and precision change, its key and type never; what is not given stays")
    func changingSensor() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            let sensor = try await station.hub.addSensor(NewSensor(key: "t", name: "T", unitLabel: "°C"), to: device.id)
            #expect(sensor.precision == 2)
            #expect(sensor.valueType == .number)
            station.clock.advance(by: .seconds(1))
            var changes = PartChanges()
            changes.precision = 0
            let changed = try await station.hub.updateSensor(sensor.id, of: device.id, changes)
            #expect(changed.precision == 0)
            #expect(changed.name == "T")
            #expect(changed.unitLabel == "°C")
            changes.unitLabel = ""
            changes.name = "Attic"
            let again = try await station.hub.updateSensor(sensor.id, of: device.id, changes)
            #expect(again.unitLabel == "")
            #expect(again.updatedAt == station.clock.wallTime)
            #expect(try await station.restarted().hub.sensors(of: device.id) == [again])
        }
    }

    @Test("A bound that is 0 and one that is not there stay what they are, at making and at changing")
    func bounds() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let device = try await station.add()
            let dial = try await hub.addActuator(
                NewActuator(key: "dial", name: "Dial", range: ActuatorRange(minimum: 0)), to: device.id
            )
            #expect(try await hub.actuators(of: device.id).map(\.range) == [ActuatorRange(minimum: 0)])
            var range = RangeChanges()
            range.maximum = .some(0)
            let closed = try await hub.updateActuator(dial.id, of: device.id, PartChanges(), range: range)
            #expect(closed.range == ActuatorRange(minimum: 0, maximum: 0))
            range = RangeChanges()
            range.minimum = .some(nil)
            range.step = .some(0.5)
            let open = try await hub.updateActuator(dial.id, of: device.id, PartChanges(), range: range)
            #expect(open.range == ActuatorRange(maximum: 0, step: 0.5))
            #expect(try await hub.actuators(of: device.id).map(\.range) == [ActuatorRange(maximum: 0, step: 0.5)])
            // What is impossible together is refused even if each part is not.
            range = RangeChanges()
            range.minimum = .some(1)
            let error = await #expect(throws: StoreError.self) {
                try await hub.updateActuator(dial.id, of: device.id, PartChanges(), range: range)
            }
            #expect(error?.invalidField == "min_value")
            let choice = try await hub.addActuator(
                NewActuator(
                    key: "mode", name: "Mode", valueType: .choice, range: ActuatorRange(options: ["heat", "ü"])
                ),
                to: device.id
            )
            #expect(try await hub.actuator("mode", of: device.id) == choice)
        }
    }

    @Test("A key is given once to the sensors and once to the actuators of a device")
    func keys() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let device = try await station.add()
            _ = try await hub.addSensor(NewSensor(key: "on", name: "On"), to: device.id)
            _ = try await hub.addActuator(NewActuator(key: "on", name: "On"), to: device.id)
            let sensor = await #expect(throws: StoreError.self) {
                try await hub.addSensor(NewSensor(key: "on", name: "Again"), to: device.id)
            }
            #expect(sensor?.isConflict == true)
            let actuator = await #expect(throws: StoreError.self) {
                try await hub.addActuator(NewActuator(key: "on", name: "Again"), to: device.id)
            }
            #expect(actuator?.isConflict == true)
            let other = try await station.add()
            _ = try await hub.addSensor(NewSensor(key: "on", name: "On"), to: other.id)
        }
    }

    @Test("What cannot be is refused by the name of its field")
    func refusals() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            let long = String(repeating: "x", count: 256)
            for (new, field) in [
                (NewSensor(key: "", name: "N"), "key"),
                (NewSensor(key: String(repeating: "k", count: 101), name: "N"), "key"),
                (NewSensor(key: "k", name: ""), "name"), (NewSensor(key: "k", name: long), "name"),
                (NewSensor(key: "k", name: "N", unitLabel: String(repeating: "u", count: 51)), "unit_label"),
                (NewSensor(key: "k", name: "N", precision: -1), "precision"),
                (NewSensor(key: "k", name: "N", precision: 16), "precision"),
            ] {
                let error = await #expect(throws: StoreError.self) {
                    try await station.hub.addSensor(new, to: device.id)
                }
                #expect(error?.invalidField == field)
            }
            for (range, field) in [
                (ActuatorRange(minimum: 2, maximum: 1), "min_value"), (ActuatorRange(step: 0), "step"),
                (ActuatorRange(options: ["a"]), "enum_options"),
            ] {
                let error = await #expect(throws: StoreError.self) {
                    try await station.hub.addActuator(NewActuator(key: "k", name: "N", range: range), to: device.id)
                }
                #expect(error?.invalidField == field)
            }
            #expect(try station.count("sensors") == 0)
            #expect(try station.count("actuators") == 0)
        }
    }

    @Test("What is another device's, or is gone, is not found")
    func notFound() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let lamp = try await station.add("Lamp", type: "light")
            let other = try await station.add("Other")
            let sensor = try #require(try await hub.sensors(of: lamp.id).first)
            let actuator = try #require(try await hub.actuators(of: lamp.id).first)
            await #expect(throws: StoreError.notFound(.sensor, id: sensor.id.description)) {
                try await hub.updateSensor(sensor.id, of: other.id, PartChanges())
            }
            await #expect(throws: StoreError.notFound(.sensor, id: sensor.id.description)) {
                try await hub.removeSensor(sensor.id, of: other.id)
            }
            await #expect(throws: StoreError.notFound(.actuator, id: actuator.id.description)) {
                try await hub.removeActuator(actuator.id, of: other.id)
            }
            try await hub.removeActuator(actuator.id, of: lamp.id)
            await #expect(throws: StoreError.notFound(.actuator, id: "on")) {
                try await hub.actuator("on", of: lamp.id)
            }
            try await hub.removeDevice(lamp.id)
            await #expect(throws: StoreError.deviceNotFound(lamp.id.description)) {
                try await hub.sensors(of: lamp.id)
            }
        }
    }

    @Test("A device has no more of them than it can report keys")
    func limit() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            for number in 0..<StationHub.maximumParts {
                _ = try await station.hub.addSensor(NewSensor(key: "k\(number)", name: "N"), to: device.id)
            }
            let error = await #expect(throws: StoreError.self) {
                try await station.hub.addSensor(NewSensor(key: "more", name: "N"), to: device.id)
            }
            #expect(error?.isConflict == true)
        }
    }
}
