import Glibc
import PollLoop
import StationTestSupport
import Synchronization
import Testing

@Suite("A loop thread")
struct LoopThreadTests {
    /// An actor that lives on a loop.
    private actor Resident {
        nonisolated let loop: LoopThread
        var counter = 0

        init(_ loop: LoopThread) {
            self.loop = loop
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

        func increment() -> Bool {
            self.counter += 1
            return self.loop.isCurrent
        }

        func count(afterTimer delay: Duration) async -> Int {
            await withCheckedContinuation { waiter in
                self.loop.schedule(after: delay) {
                    waiter.resume(returning: self.assumeIsolated { $0.counter })
                }
            }
        }
    }

    /// A pipe whose ends are closed with it.
    private final class Pipe: Sendable {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(Glibc.pipe(&ends) == 0)
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            (self.reader, self.writer) = (ends[0], ends[1])
        }

        deinit {
            close(self.reader)
            close(self.writer)
        }

        func write(_ count: Int) {
            let bytes = [UInt8](repeating: 7, count: count)
            _ = Glibc.write(self.writer, bytes, count)
        }

        func read(_ limit: Int) -> Int {
            var bytes = [UInt8](repeating: 0, count: limit)
            return Glibc.read(self.reader, &bytes, limit)
        }
    }

    @Test("runs the jobs of its actors on its own thread, one at a time")
    func jobs() async throws {
        try await withLoop { loop in
            let resident = Resident(loop)
            let onLoop = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<1_000 { group.addTask { await resident.increment() } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(onLoop)
            #expect(await resident.counter == 1_000)
            #expect(!loop.isCurrent)
        }
    }

    @Test("lets a timer's body assume the isolation of its actors")
    func timerIsIsolated() async throws {
        try await withLoop { loop in
            let resident = Resident(loop)
            _ = await resident.increment()
            #expect(await resident.count(afterTimer: .milliseconds(5)) == 1)
        }
    }

    @Test("fires timers in the order of their deadlines, never early, and not those that were cancelled")
    func timers() async throws {
        try await withLoop { loop in
            let fired = Mutex<[Int]>([])
            let start = ContinuousClock.now
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                loop.execute {
                    for delay in [1_000, 10, 500] {
                        loop.schedule(after: .milliseconds(delay)) { fired.withLock { $0.append(delay) } }
                    }
                    let cancelled = loop.schedule(after: .milliseconds(250)) { fired.withLock { $0.append(-1) } }
                    loop.cancel(cancelled)
                    loop.schedule(after: .milliseconds(1_001)) { done.resume() }
                }
            }
            #expect(ContinuousClock.now - start >= .milliseconds(1_001))
            #expect(fired.withLock { $0 } == [10, 500, 1_000])
        }
    }

    @Test("repeats a periodic timer until it is cancelled, even from within its own body")
    func periodicTimer() async throws {
        try await withLoop { loop in
            let fired = Atomic(0)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                let timer = Mutex<LoopTimer?>(nil)
                loop.execute {
                    let started = loop.schedule(after: .zero, repeating: .milliseconds(1)) {
                        guard fired.add(1, ordering: .relaxed).newValue == 5 else { return }
                        if let timer = timer.withLock({ $0 }) { loop.cancel(timer) }
                        loop.schedule(after: .milliseconds(20)) { done.resume() }
                    }
                    timer.withLock { $0 = started }
                }
            }
            #expect(fired.load(ordering: .relaxed) == 5)
        }
    }

    @Test("keeps ten thousand timers apart, most of them cancelled")
    func manyTimers() async throws {
        try await withLoop { loop in
            let fired = Atomic(0)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                loop.execute {
                    let timers = (0..<10_000).map { number in
                        loop.schedule(after: .milliseconds(number % 50)) { fired.add(1, ordering: .relaxed) }
                    }
                    for timer in timers.dropFirst(100) { loop.cancel(timer) }
                    loop.schedule(after: .milliseconds(51)) { done.resume() }
                }
            }
            #expect(fired.load(ordering: .relaxed) == 100)
        }
    }

    @Test("tells a handler again until everything is read, and never after it was unregistered")
    func descriptors() async throws {
        try await withLoop { loop in
            let pipe = try Pipe()
            let heard = Atomic(0)
            let registration = Mutex<LoopRegistration?>(nil)
            loop.execute {
                let place = try? loop.register(pipe.reader, for: .read) { readiness in
                    guard readiness.contains(.readable), pipe.read(10) > 0 else { return }
                    heard.add(1, ordering: .relaxed)
                }
                registration.withLock { $0 = place }
            }
            pipe.write(40)
            try await eventually("40 bytes are read in portions of 10") { heard.load(ordering: .relaxed) == 4 }
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                loop.execute {
                    if let place = registration.withLock({ $0 }) { loop.unregister(place) }
                    pipe.write(10)
                    loop.schedule(after: .milliseconds(30)) { done.resume() }
                }
            }
            #expect(heard.load(ordering: .relaxed) == 4)
        }
    }

    @Test("does not hand an event of a closed descriptor to the next one with the same number")
    func reusedDescriptor() async throws {
        try await withLoop { loop in
            // Both pipes are ready in the same turn; the first handler to run replaces the other's registration.
            let pipes = [try Pipe(), try Pipe()]
            let places = Mutex<[LoopRegistration]>([])
            let strays = Atomic(0)
            let first = Atomic(-1)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                loop.execute {
                    for index in 0...1 {
                        let place = try? loop.register(pipes[index].reader, for: .read) { _ in
                            guard first.compareExchange(expected: -1, desired: index, ordering: .relaxed).exchanged
                            else { return }
                            let (mine, other) = places.withLock { ($0[index], $0[1 - index]) }
                            loop.unregister(mine)
                            loop.unregister(other)
                            _ = pipes[1 - index].read(10)
                            _ = try? loop.register(pipes[1 - index].reader, for: .read) { _ in
                                strays.add(1, ordering: .relaxed)
                            }
                        }
                        if let place { places.withLock { $0.append(place) } }
                    }
                    for pipe in pipes { pipe.write(1) }
                    loop.schedule(after: .milliseconds(30)) { done.resume() }
                }
            }
            #expect(first.load(ordering: .relaxed) >= 0)
            #expect(strays.load(ordering: .relaxed) == 0)
        }
    }

    @Test("refuses a descriptor that is not open")
    func badDescriptor() async throws {
        try await withLoop { loop in
            let error = await withCheckedContinuation { (answer: CheckedContinuation<LoopError?, Never>) in
                loop.execute {
                    do throws(LoopError) {
                        _ = try loop.register(-1, for: .read) { _ in }
                        answer.resume(returning: nil)
                    } catch {
                        answer.resume(returning: error)
                    }
                }
            }
            #expect(error == .system(call: "epoll_ctl", code: EBADF))
        }
    }

    @Test("turns at least once a second though nothing happens, and not when its thread is stuck")
    func watchdogTick() async throws {
        try await withLoop { loop in
            let before = loop.turns
            try await eventually("the idle loop turns") { loop.turns > before + 1 }
            let isReleased = Atomic(false)
            await withCheckedContinuation { (stuck: CheckedContinuation<Void, Never>) in
                loop.execute {
                    stuck.resume()
                    while !isReleased.load(ordering: .relaxed) { usleep(1_000) }
                }
            }
            let whileStuck = loop.turns
            let start = ContinuousClock.now
            try await eventually("more than a second passes") { ContinuousClock.now - start > .milliseconds(1_200) }
            #expect(loop.turns == whileStuck)
            isReleased.store(true, ordering: .relaxed)
            try await eventually("the loop turns again") { loop.turns > whileStuck }
        }
    }

    @Test("tells its descriptors when it stops, and then registers nothing more")
    func stop() async throws {
        let loop = try LoopThread(name: "test")
        let pipe = try Pipe()
        let heard = Mutex<[DescriptorEvents]>([])
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            loop.execute {
                _ = try? loop.register(pipe.reader, for: .read) { readiness in heard.withLock { $0.append(readiness) } }
                done.resume()
            }
        }
        loop.stop()
        loop.stop()
        #expect(heard.withLock { $0 } == [.stopped])
        let error = await withCheckedContinuation { (answer: CheckedContinuation<LoopError?, Never>) in
            loop.execute {
                do throws(LoopError) {
                    _ = try loop.register(pipe.reader, for: .read) { _ in }
                    answer.resume(returning: nil)
                } catch {
                    answer.resume(returning: error)
                }
            }
        }
        #expect(error == .stopped)
    }

    @Test("still runs the jobs of its actors, one at a time, after it was stopped")
    func jobsAfterStop() async throws {
        let loop = try LoopThread(name: "test")
        let resident = Resident(loop)
        loop.stop()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = await resident.increment() } }
        }
        #expect(await resident.counter == 200)
    }

    @Test("raises no signal when it writes to a closed pipe")
    func brokenPipe() async throws {
        try await withLoop { loop in
            let (isBlocked, code) = await withCheckedContinuation {
                (answer: CheckedContinuation<(Bool, Int32), Never>) in
                loop.execute {
                    var mask = sigset_t()
                    pthread_sigmask(SIG_BLOCK, nil, &mask)
                    var ends: [Int32] = [0, 0]
                    _ = Glibc.pipe(&ends)
                    close(ends[0])
                    let outcome = Glibc.write(ends[1], [1], 1)
                    let code = errno
                    close(ends[1])
                    answer.resume(returning: (sigismember(&mask, SIGPIPE) == 1, outcome < 0 ? code : 0))
                }
            }
            #expect(isBlocked)
            #expect(code == EPIPE)
        }
    }
}
