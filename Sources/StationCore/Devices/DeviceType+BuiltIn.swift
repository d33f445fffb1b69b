extension DeviceType {
    /// The types of the published firmware, compiled in (contract 1, "Device type registry").
    public static let builtIn: [DeviceType] = [
        DeviceType(
            id: "climate", category: .sensor, periodic: true,
            capabilities: [
                Capability(key: "temperature", valueType: .number, unit: "°C"),
                Capability(key: "humidity", valueType: .number, unit: "%"),
                Capability(key: "pressure", valueType: .number, unit: "hPa"),
            ],
            commands: [], events: []
        ),
        DeviceType(
            id: "pir", category: .sensor, periodic: false,
            capabilities: [Capability(key: "motion", valueType: .boolean)],
            commands: [], events: ["motion_detected", "motion_cleared"]
        ),
        DeviceType(
            id: "switch-pir", category: .sensor, periodic: false,
            capabilities: [
                Capability(key: "motion", valueType: .boolean),
                Capability(key: "button", valueType: .boolean),
            ],
            commands: [], events: ["button_press", "motion_detected", "motion_cleared"]
        ),
        DeviceType(
            id: "light", category: .actuator, periodic: false,
            capabilities: [
                Capability(key: "on", valueType: .boolean),
                Capability(key: "brightness", valueType: .number, unit: "%", minimum: 0, maximum: 100),
            ],
            commands: [
                CommandDescription(action: "toggle"),
                CommandDescription(action: "turn_on"),
                CommandDescription(action: "turn_off"),
                CommandDescription(
                    action: "set_brightness",
                    parameters: [CommandParameter(name: "brightness", type: .number, minimum: 0, maximum: 100)]
                ),
            ],
            events: ["turned_on", "turned_off"]
        ),
    ]
}

extension CommandDescription {
    /// What every device knows, whatever its type (contract 1).
    public static let builtIn: [CommandDescription] = [
        CommandDescription(action: "reboot"),
        CommandDescription(action: "factory_reset"),
        CommandDescription(
            action: "ota_update",
            parameters: [
                CommandParameter(name: "url", type: .string, maximum: 2048),
                CommandParameter(name: "version", type: .string, maximum: 64),
                CommandParameter(name: "firmware_id", type: .string, maximum: 64),
            ]
        ),
        CommandDescription(
            action: "wifi_update",
            parameters: [
                CommandParameter(name: "ssid", type: .string, maximum: 32),
                CommandParameter(name: "password", type: .string, maximum: 64),
            ]
        ),
    ]
}
