import StationCore
import StationTestSupport
import Testing

@Suite("A mailbox")
struct MailboxTests {
    private typealias Box = Mailbox<String, Int>

    /// What is in the box now, as numbers; `nil` stands for “lagged”.
    private func drain(_ box: Box) async -> [Int?] {
        box.post(.min)
        var read: [Int?] = []
        for await element in box {
            switch element {
            case .message(.min): return read
            case .message(let number): read.append(number)
            case .lagged: read.append(nil)
            }
        }
        return read
    }

    @Test("hands out messages in the order in which they came")
    func order() async {
        let box = Box(capacity: 100)
        for number in 0..<50 { box.post(number) }
        #expect(await self.drain(box) == Array(0..<50))
    }

    @Test("replaces an unread message by a newer one with the same key, in its place")
    func keyed() async {
        let box = Box(capacity: 100)
        box.post(1, key: "a")
        box.post(2)
        box.post(3, key: "b")
        box.post(4, key: "a")
        box.post(5)
        #expect(await self.drain(box) == [4, 2, 3, 5])
        box.post(6, key: "a")
        box.post(7, key: "a")
        #expect(await self.drain(box) == [7])
    }

    @Test("tells whether something newer than what was read is there")
    func holding() async {
        let box = Box(capacity: 10)
        box.post(1, key: "a")
        #expect(box.holds("a") && !box.holds("b"))
        #expect(await self.drain(box) == [1])
        #expect(!box.holds("a"))
    }

    @Test("does not fill up by newer versions of what is unread")
    func keyedNeverOverflows() async {
        let box = Box(capacity: 2)
        for number in 0..<1000 { box.post(number, key: "a") }
        #expect(await self.drain(box) == [999])
    }

    @Test("takes several messages at once, each as if it had come alone")
    func several() async {
        let box = Box(capacity: 3)
        box.post([(message: 1, key: "a"), (message: 2, key: nil), (message: 3, key: "a")])
        #expect(await self.drain(Box(capacity: 3)) == [])
        let batch = await box.batch(upTo: 10)
        let numbers = batch.map { if case .message(let number) = $0 { number } else { -1 } }
        #expect(numbers == [3, 2])
        box.post((4...7).map { (message: $0, key: nil) } + [(message: 8, key: "a")])
        #expect(await self.drain(box) == [nil, 8])
    }

    @Test("drops the backlog beyond its capacity and says so once, and goes on with what comes next")
    func overflow() async {
        let box = Box(capacity: 3)
        for number in 1...3 { box.post(number) }
        #expect(await self.drain(Box(capacity: 3)) == [])
        for number in 4...5 { box.post(number) }
        #expect(await self.drain(box) == [nil, 5])
        for number in 6...7 { box.post(number) }
        #expect(await self.drain(box) == [6, 7])
    }

    @Test("tells of many losses in a row once")
    func repeatedOverflow() async {
        let box = Box(capacity: 4)
        for number in 0..<1003 { box.post(number, key: number.isMultiple(of: 2) ? "\(number)" : nil) }
        let read = await self.drain(box)
        #expect(read.first == .some(nil))
        #expect(read.dropFirst().allSatisfy { $0 != nil })
        #expect(read.count <= 5)
        #expect(read.last == 1002)
    }

    @Test("holds as many as its capacity says")
    func capacity() async {
        let box = Box(capacity: 5)
        // Four and the marker of `drain`.
        for number in 1...4 { box.post(number) }
        #expect(await self.drain(box) == [1, 2, 3, 4])
    }

    @Test("ends for its reader when it is finished, without what was unread, and takes nothing any more")
    func finish() async {
        let box = Box(capacity: 10)
        box.post(1)
        box.finish()
        box.post(2)
        let iterator = box.makeAsyncIterator()
        #expect(await iterator.next() == nil)
        #expect(await iterator.next() == nil)
    }

    @Test("finished while its reader waits, it ends there too")
    func finishWhileWaiting() async {
        let box = Box(capacity: 10)
        let reader = Task {
            var read: [Int] = []
            for await case .message(let number) in box { read.append(number) }
            return read
        }
        box.post(1)
        // The reader may or may not have come for it yet; in both cases it must end.
        box.finish()
        let read = await reader.value
        #expect(read == [1] || read == [])
    }

    @Test("lets a cancelled reader go, waiting or not")
    func cancellation() async {
        for _ in 0..<50 {
            let box = Box(capacity: 10)
            let reader = Task {
                var count = 0
                for await _ in box { count += 1 }
                return count
            }
            reader.cancel()
            #expect(await reader.value == 0)
        }
    }

    @Test("wakes a reader that waits")
    func waking() async throws {
        let box = Box(capacity: 10)
        let heard = Locked(0)
        let reader = Task {
            for await case .message(let number) in box { heard.withLock { $0 = number } }
        }
        for number in 1...100 {
            box.post(number, key: number.isMultiple(of: 3) ? "k" : nil)
            try await eventually("\(number) is read") { heard.value == number }
        }
        box.finish()
        await reader.value
    }

    @Test("keeps the order of each of many writers and loses nothing within its capacity")
    func manyWriters() async {
        let (writers, each) = (8, 500)
        let box = Box(capacity: writers * each)
        let reader = Task {
            var read: [Int] = []
            for await element in box {
                guard case .message(let number) = element else { continue }
                read.append(number)
                if read.count == writers * each { break }
            }
            return read
        }
        await withTaskGroup { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<each { box.post(writer * 1_000_000 + number) }
                }
            }
        }
        let read = await reader.value
        for writer in 0..<writers {
            #expect(read.filter { $0 / 1_000_000 == writer } == (0..<each).map { writer * 1_000_000 + $0 })
        }
    }

    @Test("tells a slow reader the newest of every key, whatever many writers do", arguments: [1, 4, 64])
    func convergence(capacity: Int) async {
        let box = Box(capacity: capacity)
        let reader = Task {
            var latest: [Int: Int] = [:]
            var hasLagged = false
            for await element in box {
                switch element {
                case .message(-1): return (latest, hasLagged)
                case .message(let number): latest[number / 1_000_000] = number % 1_000_000
                case .lagged: (latest, hasLagged) = ([:], true)
                }
                await Task.yield()
            }
            return (latest, hasLagged)
        }
        await withTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<1000 { box.post(writer * 1_000_000 + number, key: "\(writer)") }
                }
            }
        }
        // The end may be lost with a backlog, as any other message: it is told until it is heard.
        let ending = Task {
            while !Task.isCancelled {
                box.post(-1, key: "end")
                await Task.yield()
            }
        }
        defer { ending.cancel() }
        let (latest, hasLagged) = await reader.value
        for writer in 0..<4 where latest[writer] != nil || !hasLagged {
            #expect(latest[writer] == 999)
        }
    }
}
