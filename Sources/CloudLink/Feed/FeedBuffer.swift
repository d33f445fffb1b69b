import DequeModule
import StationCore

/// What is to be told and is in no outbox: states, of each device the newest, and the rest while there is room.
struct FeedBuffer {
    /// As many events and commands wait at most; then the oldest are lost.
    static let maximumNotes = 256

    /// Some of it, to be told.
    struct Batch {
        var notes: [CloudNotification] = []
        /// Whose state is to be told, with the time of the report.
        var states: [(device: DeviceID, time: Timestamp)] = []

        var isEmpty: Bool { self.notes.isEmpty && self.states.isEmpty }
    }

    private var notes: Deque<CloudNotification> = []
    private var order: Deque<DeviceID> = []
    private var times: [DeviceID: Timestamp] = [:]
    /// How many notes were lost.
    private(set) var lostNotes = 0

    /// The state of a device is new; the state itself is looked up when it is told.
    mutating func noteState(of device: DeviceID, at time: Timestamp) {
        if self.times.updateValue(time, forKey: device) == nil { self.order.append(device) }
    }

    mutating func append(_ note: CloudNotification) {
        self.notes.append(note)
        guard self.notes.count > Self.maximumNotes else { return }
        self.notes.removeFirst()
        self.lostNotes += 1
    }

    /// Takes out the oldest.
    mutating func take(upTo limit: Int) -> Batch {
        var batch = Batch()
        while batch.notes.count < limit, let note = self.notes.popFirst() { batch.notes.append(note) }
        while batch.states.count < limit, let device = self.order.popFirst() {
            guard let time = self.times.removeValue(forKey: device) else { continue }
            batch.states.append((device, time))
        }
        return batch
    }
}
