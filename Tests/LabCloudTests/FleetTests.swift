import StationCore
import StationSocket
import StationTestSupport
import Testing

@testable import LabCloud

@Suite("Fleets of links, and how they come back")
struct FleetTests {
    @Test("A fleet comes in, loses a cloud that restarts, and is back within the ten seconds of the contract")
    func comesBack() async throws {
        let clock = ManualClock()
        try await LabCloud.run(clock: clock) { lab in
            try await CloudFleet.run(100, at: lab, clock: clock) { fleet in
                try await eventually("all are there") { fleet.authenticated == 100 }
                #expect(lab.stations.count == 100)
                await lab.leave(SocketCloseCode(rawValue: 1012))
                try await eventually("all have noticed") { fleet.authenticated == 0 && lab.openConnections == 0 }
                try await lab.comeBack()
                clock.advance(by: .seconds(10))
                try await eventually("all are back") { fleet.authenticated == 100 }
                #expect(fleet.authentications == 200)
                #expect(lab.requestTimes.count == 200)
            }
        }
    }

    @Test("A fleet that finds nobody tries again")
    func triesAgain() async throws {
        let clock = ManualClock()
        try await LabCloud.run(clock: clock) { lab in
            await lab.leave()
            try await CloudFleet.run(3, at: lab, clock: clock) { fleet in
                try await eventually("all have failed") { fleet.losses == 3 }
                try await lab.comeBack()
                clock.advance(by: .milliseconds(2_400))
                try await eventually("all are there") { fleet.authenticated == 3 }
            }
        }
    }

    private static func report(_ seconds: [Double], stations: Int, returned: Int) -> RejoinReport {
        let plan = RejoinPlan(stations: stations, closeCode: nil, outage: .seconds(60))
        let times = seconds.map { Duration.milliseconds(Int64($0 * 1_000)) }
        return RejoinReport(plan: plan, times: times, returned: returned)
    }

    @Test("Requests are counted by the second since the cloud was back; those before do not count")
    func counts() {
        let report = Self.report([-5, 0, 0.999, 1, 3.5, 3.9, 3.999], stations: 20, returned: 20)
        #expect(report.requests == [2, 1, 0, 3])
        #expect(report.worst == 3)
        #expect(report.evenShare == 2)
        #expect(report.limit == 4)
        #expect(report.isGood)
        #expect(report.csv == "0,0,2,2.0,4.0\n0,1,1,2.0,4.0\n0,2,0,2.0,4.0\n0,3,3,2.0,4.0\n")
    }

    @Test("Twice the even share is the most, and nobody may be missing")
    func judgement() {
        #expect(Self.report([1, 1, 1, 1], stations: 20, returned: 20).isGood)
        #expect(!Self.report([1, 1, 1, 1, 1], stations: 20, returned: 20).isGood)
        #expect(!Self.report([1], stations: 20, returned: 19).isGood)
        let plan = RejoinPlan(stations: 90, closeCode: 1012, outage: .seconds(1))
        #expect(RejoinReport(plan: plan, times: [], returned: 90).evenShare == 10)
    }

    @Test("The picture has a bar for each second with requests")
    func chart() {
        let report = Self.report([0, 2, 2, 5], stations: 40, returned: 40)
        let svg = RejoinChart.svg([report, report])
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(svg.split(separator: "fill=\"#4a7ebb\"").count == 7)
        #expect(svg.contains("<title>second 2: 2</title>"))
    }
}
