import Foundation
import Logging
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The log")
struct LoggingTests {
    private struct Trouble: Error, CustomStringConvertible {
        let description = "no space left"
    }

    @Test("has one JSON object a line, its members in a fixed order")
    func json() throws {
        let log = LogRecorder(.json)
        log.logger.info("hello")
        log.logger.warning(
            "device “a” said \"no\"",
            metadata: [
                "zeta": "last", "count": .stringConvertible(3), "ratio": .stringConvertible(0.5),
                "on": .stringConvertible(true), "list": ["a", "b"], "nested": ["key": "value", "token": "t"],
            ])
        let stamp = "2026-11-21T08:30:00.000Z"
        #expect(
            log.lines() == [
                #"{"time":"\#(stamp)","level":"info","label":"test","message":"hello"}"#,
                #"{"time":"\#(stamp)","level":"warning","label":"test","message":"device “a” said \"no\"","#
                    + #""metadata":{"count":3,"list":["a","b"],"nested":{"key":"value","token":"•••"},"on":true,"#
                    + #""ratio":0.5,"zeta":"last"}}"#,
            ])
        for line in log.lines() { _ = try JSONValue.parse(line) }
    }

    @Test("is readable as text")
    func text() {
        let log = LogRecorder(.text)
        log.logger.notice("connected", metadata: ["host": "127.0.0.1", "name": "a b", "empty": "", "port": "1883"])
        log.logger.error("failed", error: Trouble())
        #expect(
            log.lines() == [
                "2026-11-21T08:30:00.000Z NOTICE   [test] connected empty=\"\" host=127.0.0.1 name=\"a b\" port=1883",
                "2026-11-21T08:30:00.000Z ERROR    [test] failed error=\"no space left\"",
            ])
    }

    @Test("lets nothing end a line or steer a terminal", arguments: LogFormat.allCases)
    func controls(format: LogFormat) throws {
        let log = LogRecorder(format)
        let nasty = "a\nb\r\u{1B}[31mred\u{7F}\u{9B}2J\u{2028}\u{0}\tend"
        log.logger.info("\(nasty)", metadata: ["key\n": "\(nasty)"])
        let text = log.text()
        #expect(text.unicodeScalars.count { $0 == "\n" } == 1)
        #expect(text.hasSuffix("\n"))
        #expect(!text.dropLast().unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        #expect(text.contains("a\\nb\\r\\u001b[31mred\\u007f\\u009b2J\\u2028\\u0000\\tend"))
        if format == .json {
            let value = try JSONValue.parse(String(text.dropLast()))
            #expect(value.objectValue?["message"]?.stringValue == nasty)
        }
    }

    @Test(
        "masks what is called like a secret",
        arguments: [
            "token", "device_token", "agentToken", "PASSWORD", "wifiPassword", "passphrase", "jwtSecret",
            "Authorization",
            "credentials", "set-cookie",
        ])
    func masked(key: String) {
        for format in LogFormat.allCases {
            let log = LogRecorder(format)
            log.logger.info("x", metadata: [key: "hunter2", "secret": .stringConvertible(Secret("hunter2"))])
            var fixed = log.logger
            fixed[metadataKey: key] = ["inner": "hunter2"]
            fixed.info("y")
            #expect(log.lines().count == 2)
            #expect(log.text().contains("•••"))
            #expect(!log.text().contains("hunter2"))
        }
    }

    @Test("shows the values of innocent keys")
    func innocent() {
        let log = LogRecorder()
        log.logger.info("x", metadata: ["topic": "shown", "count": "7"])
        #expect(log.text().contains("count=7 topic=shown"))
    }

    @Test("follows its level while it runs, also for loggers that are there already")
    func level() {
        let log = LogRecorder(level: .info)
        let logger = log.logger
        let copy = logger
        logger.debug("one")
        log.outlet.levels.level = .debug
        logger.debug("two")
        copy.debug("three")
        log.outlet.levels.level = .error
        logger.warning("four")
        copy.error("five")
        var own = logger
        own.logLevel = .trace
        own.trace("six")
        logger.trace("seven")
        #expect(
            log.lines().compactMap { $0.split(separator: " ").last.map(String.init) } == [
                "two", "three", "five", "six",
            ])
    }

    @Test("prefers what the event says over what the surrounding work and the logger say")
    func merging() {
        let log = LogRecorder()
        var handler = log.outlet.handler(label: "test")
        handler.metadataProvider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        var logger = Logger(label: "test") { _ in handler }
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("x", metadata: ["a": "event"])
        #expect(log.lines().first?.hasSuffix("x a=event b=provider c=logger") == true)
        #expect(logger[metadataKey: "c"] == "logger")
    }

    @Test("keeps the lines of many writers apart")
    func parallel() async throws {
        let log = LogRecorder(.json)
        let long = String(repeating: "x", count: 5_000)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let logger = log.logger
                    for number in 0..<50 { logger.info("\(long)", metadata: ["who": "\(writer)-\(number)"]) }
                }
            }
        }
        let lines = log.lines()
        #expect(lines.count == 400)
        let names = try lines.map { try JSONValue.parse($0).objectValue?["metadata"]?.objectValue?["who"]?.stringValue }
        #expect(Set(names).count == 400)
    }

    @Test(
        "tells the journal its priority, and nobody else",
        arguments: [
            (Logger.Level.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"),
            (.error, "<3>"), (.critical, "<2>"),
        ])
    func priority(level: Logger.Level, prefix: String) {
        let log = LogRecorder(.json, isJournal: true)
        log.logger.log(level: level, "x")
        #expect(log.text().hasPrefix("\(prefix){\"time\""))
    }

    @Test("knows the journal by the file behind standard error")
    func journal() async throws {
        // Asked of a program: which module `struct stat` belongs to depends on the files that are compiled together.
        let own = try await TemporaryDirectory.run { directory in
            let descriptor = "/proc/\(ProcessInfo.processInfo.processIdentifier)/fd/2"
            let program = try await ChildProcess(
                "/usr/bin/stat", ["-L", "-c", "%d:%i", descriptor], output: directory.url.appending(path: "stat.log"))
            try await eventually("stat ends") { program.exitCode == 0 }
            return program.output.trimmingCharacters(in: .newlines)
        }
        #expect(LogSink.standardError(environment: ["JOURNAL_STREAM": own]).isJournal)
        #expect(!LogSink.standardError(environment: ["JOURNAL_STREAM": "1:2"]).isJournal)
        #expect(!LogSink.standardError(environment: [:]).isJournal)
    }

    @Test("waits for a slow reader and writes whole lines then")
    func slowReader() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        for end in ends { try #require(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        defer { close(reader) }
        let outlet = LogOutlet(format: .text, level: .info, sink: LogSink(descriptor: writer), clock: ManualClock())
        let message = String(repeating: "y", count: 300_000)
        // A thread of its own, since the writer blocks it.
        Thread.detachNewThread {
            outlet.logger("slow").info("\(message)")
            close(writer)
        }
        var received = 0
        var isAtEnd = false
        var buffer = [UInt8](repeating: 0, count: 65_536)
        try await eventually("the end of the line") {
            let count = read(reader, &buffer, buffer.count)
            if count > 0 { received += count }
            isAtEnd = count == 0
            return isAtEnd
        }
        #expect(received == "2026-11-21T08:30:00.000Z INFO     [slow] \n".utf8.count + message.utf8.count)
    }
}
