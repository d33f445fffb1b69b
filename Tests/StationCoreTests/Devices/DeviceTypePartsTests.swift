import StationCore
import Testing

@Suite("What a device's type measures and drives")
struct DeviceTypePartsTests {
    private let registry = DeviceTypeRegistry()

    @Test("Every capability of a sensor type is a sensor, with its unit")
    func climate() throws {
        let type = try #require(self.registry["climate"])
        #expect(type.sensorParts.map(\.key) == ["temperature", "humidity", "pressure"])
        #expect(type.sensorParts.map(\.name) == ["Temperature", "Humidity", "Pressure"])
        #expect(type.sensorParts.map(\.unitLabel) == ["°C", "%", "hPa"])
        #expect(type.sensorParts.allSatisfy { $0.valueType == .number })
        #expect(type.actuatorParts.isEmpty)
        #expect(self.registry["switch-pir"]?.sensorParts.map(\.valueType) == [.boolean, .boolean])
    }

    @Test("A light is a switch and a slider from 0 to 100 in whole steps, and its brightness is measured as well")
    func light() throws {
        let type = try #require(self.registry["light"])
        #expect(type.sensorParts.map(\.key) == ["brightness"])
        #expect(type.actuatorParts.map(\.key) == ["on", "brightness"])
        #expect(type.actuatorParts.map(\.valueType) == [.boolean, .number])
        #expect(type.actuatorParts[0].range == ActuatorRange())
        #expect(type.actuatorParts[1].range == ActuatorRange(minimum: 0, maximum: 100, step: 1))
        #expect(type.command(setting: "on", to: true) == ["action": "turn_on"])
        #expect(type.command(setting: "on", to: false) == ["action": "turn_off"])
        #expect(type.command(setting: "brightness", to: 40) == ["action": "set_brightness", "brightness": 40])
        #expect(type.command(setting: "on", to: 1) == nil)
        #expect(type.command(setting: "colour", to: 1) == nil)
    }

    @Test("A type of an operator is driven by the same words; a boolean that nothing drives is a sensor")
    func own() {
        let target = CommandParameter(name: "target_heat", type: .number, minimum: 5, maximum: 30)
        let force = CommandParameter(name: "force", type: .boolean)
        let type = DeviceType(
            id: "heater", category: .actuator, periodic: true,
            capabilities: [
                Capability(key: "target_heat", valueType: .number, unit: "°C"),
                Capability(key: "on", valueType: .boolean), Capability(key: "eco", valueType: .boolean),
                Capability(key: "valve", valueType: .number),
            ],
            commands: [
                CommandDescription(action: "set_target_heat", parameters: [target]),
                CommandDescription(action: "turn_on"),
                CommandDescription(action: "set_eco", parameters: [CommandParameter(name: "eco", type: .boolean)]),
                // Needs more than the value: nothing that a slider could do.
                CommandDescription(
                    action: "set_valve", parameters: [CommandParameter(name: "valve", type: .number), force]
                ),
            ],
            events: []
        )
        #expect(type.actuatorParts.map(\.key) == ["target_heat", "eco"])
        #expect(type.actuatorParts[0].name == "Target heat")
        #expect(type.actuatorParts[0].range == ActuatorRange(minimum: 5, maximum: 30))
        #expect(type.sensorParts.map(\.key) == ["target_heat", "on", "valve"])
        #expect(type.command(setting: "eco", to: true) == ["action": "set_eco", "eco": true])
        #expect(type.command(setting: "valve", to: 1) == nil)
    }
}
