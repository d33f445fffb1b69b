import DeviceSimulator
import StationCore
import Testing

@Suite("A virtual device reports")
struct ReportMachineTests {
    @Test("a climate reports all its values once accepted and then at its interval, and they drift plausibly")
    func climate() throws {
        var behaviour = DeviceBehaviour()
        behaviour.stateInterval = .seconds(10)
        var bench = try MachineBench(.climate, behaviour: behaviour)
        let first = bench.accept().published(on: "state")
        #expect(first.count == 1)
        let reports = first + bench.pass(.seconds(36_000)).published(on: "state")
        #expect(reports.count == 3_601)
        var temperatures: [Double] = []
        for report in reports {
            let state = try #require(JSONValue.parse(report).objectValue?["state"]?.objectValue)
            #expect(state.members.map(\.key) == ["temperature", "humidity", "pressure"])
            let temperature = try #require(state["temperature"]?.doubleValue)
            let humidity = try #require(state["humidity"]?.doubleValue)
            let pressure = try #require(state["pressure"]?.doubleValue)
            #expect((5...40).contains(temperature))
            #expect((5...95).contains(humidity))
            #expect((950...1060).contains(pressure))
            temperatures.append(temperature)
        }
        #expect(Set(temperatures).count > 5)
        let largestStep = zip(temperatures, temperatures.dropFirst()).map { abs($0 - $1) }.max() ?? 0
        #expect(largestStep < 1)
    }

    @Test("on acceptance a light tells all, a switch-pir one key at a time, a pir its motion")
    func initialState() throws {
        var light = try MachineBench(.light)
        #expect(light.accept().published(on: "state") == [#"{"state":{"on":false,"brightness":100}}"#])
        var switchPIR = try MachineBench(.switchPIR)
        #expect(
            switchPIR.accept().published(on: "state")
                == [#"{"state":{"motion":false}}"#, #"{"state":{"button":false}}"#])
        var pir = try MachineBench(.pir)
        #expect(pir.accept().published(on: "state") == [#"{"state":{"motion":false}}"#])
    }

    @Test("a pir sees motions by chance: on and off by turns, each with its event")
    func motionByChance() throws {
        var bench = try MachineBench(.pir, behaviour: DeviceBehaviour())
        bench.accept()
        let actions = bench.pass(.seconds(7_200))
        let states = actions.published(on: "state")
        #expect((120...300).contains(states.count))
        for (index, state) in states.enumerated() {
            #expect(state == #"{"state":{"motion":\#(index.isMultiple(of: 2))}}"#)
        }
        let events = actions.published(on: "event")
        #expect(events.count == states.count)
        #expect(events.first == #"{"event":"device_event","data":{"action":"motion_detected"}}"#)
        #expect(events.dropFirst().first == #"{"event":"device_event","data":{"action":"motion_cleared"}}"#)
    }

    @Test("a press of the button is a key, an event and a key again")
    func button() throws {
        var bench = try MachineBench(.switchPIR)
        bench.accept()
        #expect(
            bench.feed(.stimulus(.press)).published == [
                #"state {"state":{"button":true}}"#,
                #"event {"event":"device_event","data":{"action":"button_press"}}"#,
            ])
        #expect(bench.feed(.stimulus(.press)).isEmpty)
        #expect(bench.pass(.milliseconds(299)).isEmpty)
        #expect(bench.pass(.milliseconds(1)).published == [#"state {"state":{"button":false}}"#])
    }

    @Test("somebody presses the button of a switch-pir by chance too")
    func buttonByChance() throws {
        var bench = try MachineBench(.switchPIR, behaviour: DeviceBehaviour())
        bench.accept()
        let actions = bench.pass(.seconds(7_200))
        let presses = actions.published(on: "event").filter { $0.contains("button_press") }
        #expect((40...120).contains(presses.count))
        let releases = actions.published(on: "state").filter { $0 == #"{"state":{"button":false}}"# }
        #expect((presses.count - 1...presses.count).contains(releases.count))
    }

    @Test("a motion that lasts is told once")
    func motionIsTold() throws {
        var bench = try MachineBench(.switchPIR)
        bench.accept()
        #expect(
            bench.feed(.stimulus(.motion(true))).published == [
                #"state {"state":{"motion":true}}"#,
                #"event {"event":"device_event","data":{"action":"motion_detected"}}"#,
            ])
        #expect(bench.feed(.stimulus(.motion(true))).isEmpty)
        #expect(bench.feed(.stimulus(.motion(false))).published(on: "event").count == 1)
    }

    @Test("the switch on the wall works a light")
    func wallSwitch() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        #expect(
            bench.feed(.stimulus(.light(on: true))).published == [
                #"state {"state":{"on":true,"brightness":100}}"#,
                #"event {"event":"device_event","data":{"action":"turned_on"}}"#,
            ])
    }

    @Test(
        "what a device has no part for it does not feel",
        arguments: [
            (VirtualDeviceType.climate, DeviceInput.Stimulus.press), (.climate, .motion(true)), (.pir, .press),
            (.light, .motion(true)), (.switchPIR, .light(on: true)),
        ])
    func noSuchPart(type: VirtualDeviceType, stimulus: DeviceInput.Stimulus) throws {
        var bench = try MachineBench(type)
        bench.accept()
        #expect(bench.feed(.stimulus(stimulus)) == [.notice(.ignoredStimulus)])
    }

    @Test("what happens while it is not accepted is told afterwards, as state only")
    func toldAfterwards() throws {
        var bench = try MachineBench(.pir)
        bench.connect()
        #expect(bench.feed(.stimulus(.motion(true))).isEmpty)
        #expect(bench.acknowledge("ok").published == [#"state {"state":{"motion":true}}"#])
    }

    @Test("the button comes up again though the connection broke meanwhile")
    func buttonComesUp() throws {
        var bench = try MachineBench(.switchPIR)
        bench.accept()
        bench.feed(.stimulus(.press))
        bench.feed(.disconnected)
        bench.pass(.milliseconds(300))
        #expect(bench.machine.state["button"] == false)
    }

    @Test("the types report the capabilities of the registry and nothing else", arguments: VirtualDeviceType.allCases)
    func registry(type: VirtualDeviceType) throws {
        let known = try #require(DeviceTypeRegistry()[type.rawValue])
        var bench = try MachineBench(type, behaviour: DeviceBehaviour())
        let actions = bench.accept() + bench.pass(.seconds(3_600))
        var keys: Set<String> = []
        for report in actions.published(on: "state") {
            let state = try #require(JSONValue.parse(report).objectValue?["state"]?.objectValue)
            keys.formUnion(state.members.map(\.key))
        }
        #expect(keys == Set(known.capabilities.map(\.key)))
        for event in actions.published(on: "event") {
            let data = try #require(JSONValue.parse(event).objectValue?["data"]?.objectValue)
            #expect(known.events.contains(try #require(data["action"]?.stringValue)))
        }
    }

    @Test("the same seed is the same run; another seed is another", arguments: VirtualDeviceType.allCases)
    func seeds(type: VirtualDeviceType) throws {
        func life(seed: UInt64) throws -> [DeviceAction] {
            var bench = try MachineBench(type, behaviour: DeviceBehaviour(), seed: seed)
            var actions = bench.accept()
            actions += bench.pass(.seconds(1_800))
            actions += bench.feed(.disconnected)
            // The pause before the next attempt is left to chance for every type.
            actions.append(.notice(.updating(to: "\(String(describing: bench.machine.nextWake))")))
            actions += bench.pass(.seconds(5))
            actions += bench.feed(.connected) + bench.acknowledge("ok") + bench.pass(.seconds(1_800))
            return actions
        }
        #expect(try life(seed: 1) == life(seed: 1))
        #expect(try life(seed: 1) != life(seed: 2))
    }

    @Test("devices of one fleet are different though their seed is the same")
    func streams() throws {
        let profile = VirtualDeviceProfile(externalID: try MachineBench.externalID("x"), type: .climate)
        let now = MonotonicInstant(sinceOrigin: .zero)
        let lives = (0..<20).map { stream in
            var machine = VirtualDeviceMachine(profile: profile, seed: 3, stream: stream)
            _ = machine.handle(.pluggedIn, at: now)
            _ = machine.handle(.connected, at: now)
            let ack = DeviceInput.message(suffix: "handshake/ack", payload: Array(#"{"status":"ok"}"#.utf8))
            return machine.handle(ack, at: now).published.joined()
        }
        #expect(Set(lives).count == lives.count)
    }
}
