internal import HeapModule

/// Timers by deadline. Adding and firing cost O(log n); a cancelled timer's entry goes when its time comes, or when
/// such entries are the majority.
struct TimerQueue {
    /// A timer that is already over.
    static let never = LoopTimer(number: 0)

    private struct Entry: Comparable {
        let deadline: UInt64
        let number: UInt64

        static func < (one: Entry, other: Entry) -> Bool {
            (one.deadline, one.number) < (other.deadline, other.number)
        }
    }

    private struct Body {
        let period: UInt64?
        let action: @Sendable () -> Void
    }

    private var heap = Heap<Entry>()
    private var bodies: [UInt64: Body] = [:]
    private var lastNumber: UInt64 = 0

    /// When the next timer fires; may be that of a cancelled one.
    var nextDeadline: UInt64? { self.heap.min?.deadline }

    mutating func add(at deadline: UInt64, period: UInt64?, _ action: @escaping @Sendable () -> Void) -> LoopTimer {
        self.lastNumber += 1
        self.bodies[self.lastNumber] = Body(period: period, action: action)
        self.heap.insert(Entry(deadline: deadline, number: self.lastNumber))
        return LoopTimer(number: self.lastNumber)
    }

    mutating func cancel(_ timer: LoopTimer) {
        self.bodies[timer.number] = nil
        guard self.heap.count > 64, self.heap.count > 2 * self.bodies.count else { return }
        self.heap = Heap(self.heap.unordered.filter { self.bodies[$0.number] != nil })
    }

    /// Takes the action of one timer that is due, or nil. A periodic one is set again, counted from now.
    mutating func takeDue(now: UInt64) -> (@Sendable () -> Void)? {
        while let first = self.heap.min, first.deadline <= now {
            self.heap.removeMin()
            guard let body = self.bodies[first.number] else { continue }
            if let period = body.period {
                self.heap.insert(Entry(deadline: max(first.deadline + period, now + 1), number: first.number))
            } else {
                self.bodies[first.number] = nil
            }
            return body.action
        }
        return nil
    }

    mutating func removeAll() {
        self.heap = Heap()
        self.bodies = [:]
    }
}
