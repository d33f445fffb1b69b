import BLEProvision
import PollLoop
import StationCore
import StationData

extension StationRuntime {
    /// What finds factory-new devices over Bluetooth. A machine without Bluetooth runs it too: an adapter may be plugged
    /// in at any time.
    func provisioner(
        _ secrets: StationSecrets, hub: StationHub, logins: any LoginProjection, loop: LoopThread, radio: RadioQuiet
    ) -> Provisioner {
        let section = self.configuration.provisioning
        let mqtt = self.configuration.mqtt
        var smartHome = SmartHomeOptions(isNameEnough: section.scanAll)
        smartHome.service = GATTUUID(section.serviceUUID) ?? smartHome.service
        smartHome.characteristic = GATTUUID(section.characteristicUUID) ?? smartHome.characteristic
        return Provisioner(
            configuration: ProvisionerConfiguration(
                scansAll: section.scanAll, allowsNameless: section.allowNameless, mqttHost: mqtt.publicHost,
                mqttPort: UInt16(clamping: mqtt.publicPort), stationID: secrets.stationID
            ),
            dialects: [
                SmartHomeDialect(smartHome), ImprovDialect(clock: self.clock), EspressifDialect(clock: self.clock),
            ],
            hub: hub, logins: logins, loop: loop, health: self.health, clock: self.clock,
            logger: self.setup.log.logger("station.ble"),
            setQuiet: { isQuiet in isQuiet ? radio.begin() : radio.end() }
        )
    }
}
