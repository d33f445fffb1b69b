import Foundation
import Logging
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("Telling systemd")
struct SystemdNotifierTests {
    @Test("goes to the socket that is named, one datagram a call")
    func path() async throws {
        try await TemporaryDirectory.run { directory in
            let name = directory.path("notify")
            let socket = try SystemdSocket(name: name)
            let log = LogRecorder()
            let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": name], logger: log.logger)
            #expect(notifier.isActive)
            notifier.notify(.ready, .status("3 devices\nREADY=0"))
            notifier.notify(.watchdog)
            notifier.notify(.reloading(monotonicMicroseconds: 12_345))
            notifier.notify(.stopping)
            #expect(
                socket.received() == [
                    "READY=1\nSTATUS=3 devices READY=0", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=12345",
                    "STOPPING=1",
                ])
            #expect(log.lines() == [])
        }
    }

    @Test("reaches an abstract socket")
    func abstract() throws {
        let name = "@station-test-\(UUID().uuidString)"
        let socket = try SystemdSocket(name: name)
        SystemdNotifier(socketName: name, logger: LogRecorder().logger).notify(.ready)
        #expect(socket.received() == ["READY=1"])
    }

    @Test("reloads with the monotonic clock's time")
    func monotonic() throws {
        func now() -> UInt64? {
            guard case .reloading(let time) = SystemdMessage.reloadingNow() else { return nil }
            return time
        }
        let first = try #require(now())
        let second = try #require(now())
        let uptime = try String(contentsOfFile: "/proc/uptime", encoding: .utf8).split(separator: " ").first
        let seconds = try #require(uptime.flatMap { Double($0) })
        #expect(second >= first)
        // Time asleep counts in one and not in the other, so only the order of magnitude is compared.
        #expect(Double(first) / 1e6 <= seconds + 1)
    }

    @Test("is nothing without a socket", arguments: [nil, ""])
    func silent(name: String?) {
        let log = LogRecorder()
        let notifier = SystemdNotifier(socketName: name, logger: log.logger)
        #expect(!notifier.isActive)
        notifier.notify(.ready)
        #expect(log.lines() == [])
    }

    @Test(
        "that fails is logged and does no harm",
        arguments: [
            ("/nowhere/notify", "No such file"), ("relative", "Address family"), ("vsock:2:1", "Address family"),
            ("/" + String(repeating: "x", count: 120), "File name too long"),
        ])
    func failure(name: String, reason: String) {
        let log = LogRecorder()
        SystemdNotifier(socketName: name, logger: log.logger).notify(.ready)
        #expect(log.lines().count == 1)
        #expect(log.lines().first?.contains(reason) == true, "\(log.lines())")
    }

    @Test(
        "the watchdog's interval is read for this process only",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"], .seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil), (["WATCHDOG_USEC": "-1"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func interval(environment: [String: String], expected: Duration?) {
        #expect(WatchdogInterval.read(environment: environment, processID: 42) == expected)
    }
}
