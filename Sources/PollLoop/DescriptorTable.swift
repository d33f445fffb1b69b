/// Who hears about which descriptor. A slot's generation changes when it is freed, so that an event the kernel handed
/// out before cannot reach a later registration.
struct DescriptorTable {
    struct Entry {
        let descriptor: Int32
        var interest: Interest
        let handler: @Sendable (DescriptorEvents) -> Void
    }

    private struct Slot {
        var generation: UInt32 = 0
        var entry: Entry?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    mutating func insert(_ entry: Entry) -> LoopRegistration {
        let slot: UInt32
        if let reused = self.free.popLast() {
            slot = reused
        } else {
            slot = UInt32(self.slots.count)
            self.slots.append(Slot())
        }
        self.slots[Int(slot)].entry = entry
        return LoopRegistration(slot: slot, generation: self.slots[Int(slot)].generation)
    }

    subscript(registration: LoopRegistration) -> Entry? {
        guard registration.slot < self.slots.count else { return nil }
        let slot = self.slots[Int(registration.slot)]
        return slot.generation == registration.generation ? slot.entry : nil
    }

    mutating func setInterest(_ interest: Interest, of registration: LoopRegistration) {
        guard self[registration] != nil else { return }
        self.slots[Int(registration.slot)].entry?.interest = interest
    }

    mutating func remove(_ registration: LoopRegistration) -> Entry? {
        guard let entry = self[registration] else { return nil }
        self.slots[Int(registration.slot)].entry = nil
        self.slots[Int(registration.slot)].generation &+= 1
        self.free.append(registration.slot)
        return entry
    }

    /// Empties the table.
    mutating func removeAll() -> [Entry] {
        defer {
            self.free = []
            for index in self.slots.indices {
                self.slots[index].entry = nil
                self.slots[index].generation &+= 1
                self.free.append(UInt32(index))
            }
        }
        return self.slots.compactMap(\.entry)
    }
}
