import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Devices known by their tokens")
struct DeviceTokenTests {
    @Test("A token finds its device and nothing else does")
    func found() async throws {
        try await TestStation.run { station in
            let added = try await station.hub.addDevices((0..<20).map { NewDevice(name: "Device \($0)") })
            for (device, token) in added {
                #expect(try await station.hub.deviceID(forToken: token) == device.id)
            }
            let token = added[0].token.revealed
            for guess in ["", " ", token.lowercased(), token + "=", String(token.dropLast()), "\0" + token] {
                #expect(try await station.hub.deviceID(forToken: Secret(guess)) == nil, "\(guess)")
            }
            let again = try await station.restarted()
            #expect(try await again.hub.deviceID(forToken: added[0].token) == added[0].device.id)
        }
    }

    @Test("A renewed token is dead at once, and so is that of a removed device")
    func dead() async throws {
        try await TestStation.run { station in
            let (device, old) = try await station.hub.addDevice(NewDevice(name: "Lamp"))
            let new = try await station.hub.renewToken(of: device.id)
            #expect(try await station.hub.deviceID(forToken: old) == nil)
            #expect(try await station.hub.deviceID(forToken: new) == device.id)
            try await station.hub.removeDevice(device.id)
            #expect(try await station.hub.deviceID(forToken: new) == nil)
        }
    }

    @Test("What the command line adds or renews counts at once")
    func foreign() async throws {
        try await TestStation.run { station in
            let commandLine = try await station.commandLine()
            let (device, token) = try await commandLine.addDevice(NewDevice(name: "Lamp"))
            #expect(try await station.hub.deviceID(forToken: token) == device.id)
            #expect(station.hub.device(device.id)?.name == "Lamp")
            let renewed = try await commandLine.renewToken(of: device.id)
            #expect(try await station.hub.deviceID(forToken: token) == nil)
            #expect(try await station.hub.deviceID(forToken: renewed) == device.id)
        }
    }

    @Test("A store that cannot be read says so, rather than that nobody has the token")
    func unreadable() async throws {
        try await TestStation.run { station in
            let (_, token) = try await station.hub.addDevice(NewDevice(name: "Lamp"))
            try station.database.close()
            let error = await #expect(throws: StoreError.self) { try await station.hub.deviceID(forToken: token) }
            #expect(error?.isUnavailable == true)
        }
    }

    @Test("What a device says over HTTP is taken up and does not change where it is commanded")
    func addressless() async throws {
        try await TestStation.run { station in
            let lamp = try await station.addOnline("Lamp", type: "light")
            let report = DeviceReport(sender: lamp.externalID, address: nil, content: .state(["on": true]))
            await station.hub.hear([report])
            let heard = try #require(station.hub.device(lamp.id))
            #expect(heard.lastKnownState["on"] == true)
            #expect(heard.address == DeviceReport.address)

            let silent = try await station.add("Silent", type: "light")
            await station.hub.hear([
                DeviceReport(sender: silent.externalID, address: nil, content: .state(["on": false]))
            ])
            let woken = try #require(station.hub.device(silent.id))
            #expect(woken.status == .online && woken.address == nil && woken.lastKnownState["on"] == false)
        }
    }
}
