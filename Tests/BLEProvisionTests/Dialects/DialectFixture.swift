import BLEProvision
import StationCore
import StationTestSupport
import Testing

/// The order that the dialects' tests hand over, and what came of it.
enum DialectFixture {
    static let password = "correct horse"
    static let token = "tok3n-of-the-device"

    static func order(
        ssid: [UInt8] = Array("Casa".utf8), password: String = Self.password, proof: String? = nil
    ) throws -> ProvisioningOrder {
        ProvisioningOrder(
            wifi: WiFiCredentials(ssid: ssid, password: Secret(password)),
            place: StationPlace(
                mqttHost: "pi.local", mqttPort: 1883, deviceID: try #require(ExternalID("lamp-1")),
                deviceToken: Secret(Self.token), stationID: try #require(StationID("station-1"))
            ),
            proofOfPossession: proof.map { Secret($0) }
        )
    }

    /// The outcome or the fault, with the progress that was told.
    static func provision(
        _ dialect: some ProvisioningDialect, over link: some GATTLink, with order: ProvisioningOrder,
        progress: Locked<[DialectProgress]> = Locked([])
    ) async -> (result: Result<ProvisioningOutcome, ProvisioningFault>, progress: [DialectProgress]) {
        do throws(ProvisioningFault) {
            let outcome = try await dialect.provision(over: link, with: order) { step in
                progress.withLock { $0.append(step) }
            }
            return (.success(outcome), progress.value)
        } catch {
            return (.failure(error), progress.value)
        }
    }

    /// What kind of fault it was; `nil` for none.
    static func fault(_ result: Result<ProvisioningOutcome, ProvisioningFault>) -> ProvisioningFault.Kind? {
        if case .failure(let fault) = result { fault.kind } else { nil }
    }
}
