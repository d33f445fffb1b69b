import Foundation
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The lock of an instance")
struct SecretsInstanceLockTests {
    @Test("keeps a second daemon out until the first lets go, and tells its pid")
    func second() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station-agent.lock")
            let pid = ProcessInfo.processInfo.processIdentifier
            #expect(!InstanceLock.isHeld(path))
            let first = try InstanceLock(path: path)
            #expect(InstanceLock.isHeld(path))
            let error = #expect(throws: StorageError.self) { try InstanceLock(path: path) }
            #expect(error?.kind == .inUse(pid: pid))
            #expect(
                error?.description
                    == "\(directory.path()) is in use: another station-agent (pid \(pid)) already uses it. "
                    + "Stop that one first, or set DATA_DIR to another directory.")
            first.release()
            first.release()
            #expect(!InstanceLock.isHeld(path))
            let second = try InstanceLock(path: path)
            #expect(InstanceLock.isHeld(path))
            second.release()
        }
    }

    @Test("goes with the process that held it, however that ends")
    func killed() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station-agent.lock")
            let holder = try await ChildProcess(
                "/usr/bin/flock", ["--no-fork", path, "/bin/sleep", "600"],
                output: directory.url.appending(path: "output"))
            try await eventually("the child has the lock") { InstanceLock.isHeld(path) }
            let error = #expect(throws: StorageError.self) { try InstanceLock(path: path) }
            #expect(error?.kind == .inUse(pid: nil))
            await holder.kill9()
            let lock = try InstanceLock(path: path)
            #expect(InstanceLock.isHeld(path))
            lock.release()
        }
    }

    @Test("is let go when nobody keeps it")
    func forgotten() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station-agent.lock")
            _ = try InstanceLock(path: path)
            #expect(!InstanceLock.isHeld(path))
        }
    }

    @Test("cannot be had where no file can be")
    func impossible() {
        let error = #expect(throws: StorageError.self) { try InstanceLock(path: "/nowhere/station-agent.lock") }
        #expect(error?.kind == .inputOutput)
        #expect(error?.description.hasPrefix("/nowhere/station-agent.lock cannot be opened: ") == true)
    }
}
