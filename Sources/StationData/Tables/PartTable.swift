import GRDB
import StationCore

/// What a device's type says that it measures and drives.
struct PartTable {
    let db: Database

    /// Makes the sensors and actuators of a type that the device does not have yet; what somebody made by hand under the
    /// same key is left as it is.
    func addParts(of type: DeviceType?, to device: DeviceID, at time: Timestamp) throws {
        guard let type else { return }
        let sensors = SensorTable(db: self.db)
        for part in type.sensorParts where part.key.unicodeScalars.count <= Sensor.maximumKeyLength {
            try sensors.insert(
                Sensor(
                    id: .make(at: time), deviceID: device, key: part.key, name: part.name, valueType: part.valueType,
                    unitLabel: part.unitLabel, precision: Sensor.defaultPrecision, createdAt: time
                )
            )
        }
        let actuators = ActuatorTable(db: self.db)
        for part in type.actuatorParts where part.key.unicodeScalars.count <= Sensor.maximumKeyLength {
            try actuators.insert(
                Actuator(
                    id: .make(at: time), deviceID: device, key: part.key, name: part.name, valueType: part.valueType,
                    unitLabel: part.unitLabel, precision: Sensor.defaultPrecision, range: part.range, createdAt: time
                )
            )
        }
    }
}
