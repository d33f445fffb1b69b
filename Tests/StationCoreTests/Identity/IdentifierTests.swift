import FoundationEssentials
import StationCore
import StationTestSupport
import Testing

@Suite("An identifier")
struct IdentifierTests {
    private let time = Timestamp(milliseconds: 1_795_249_800_000)

    @Test("is a UUID version 7 in lower case: milliseconds, version, variant")
    func layout() throws {
        for _ in 0..<100 {
            let text = DeviceID.make(at: self.time).description
            let groups = text.split(separator: "-")
            #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
            #expect(Int64(groups[0] + groups[1], radix: 16) == self.time.milliseconds)
            #expect(groups[2].first == "7")
            #expect(["8", "9", "a", "b"].contains(groups[3].first))
            #expect(text == text.lowercased())
            #expect(UUID(uuidString: text)?.uuidString.lowercased() == text)
        }
    }

    @Test("sorts by the time of its making, and so does its text", arguments: 1...5 as ClosedRange<UInt64>)
    func order(seed: UInt64) {
        var random = RepeatableRandom(seed: seed)
        for _ in 0..<300 {
            let one = Timestamp(milliseconds: Int64.random(in: 0..<(1 << 47), using: &random))
            let other = one.adding(.milliseconds(Int64.random(in: 1...100_000, using: &random)))
            let (earlier, later) = (EventID.make(at: one), EventID.make(at: other))
            #expect(earlier < later)
            #expect(earlier.description < later.description)
            #expect(EventID.lowest(at: one) <= earlier)
            #expect(earlier < EventID.lowest(at: other))
        }
    }

    @Test("sorts by the order of its making within one millisecond as well")
    func orderWithinOneMillisecond() {
        let lowest = EventID.lowest(at: self.time)
        let next = EventID.lowest(at: self.time.adding(.milliseconds(1)))
        var last = lowest
        for _ in 0..<10_000 {
            let id = EventID.make(at: self.time)
            #expect(last < id)
            #expect(last.description < id.description)
            #expect(id < next)
            last = id
        }
    }

    @Test("is never made twice, whoever makes it at the same moment")
    func uniqueness() async {
        let time = self.time
        let made = await withTaskGroup(of: [EventID].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<5_000).map { _ in EventID.make(at: time) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        let different = Set(made).count
        #expect(different == 40_000)
    }

    @Test("is read in either case and of any version, and shown in lower case")
    func reading() {
        for _ in 0..<100 {
            let text = UUID().uuidString
            #expect(PlaceID(text)?.description == text.lowercased())
            #expect(PlaceID(text) == PlaceID(text.lowercased()))
        }
        #expect(PlaceID("00000000-0000-0000-0000-000000000000") != nil)
        #expect(PlaceID("ffffffff-ffff-ffff-ffff-ffffffffffff") != nil)
    }

    @Test(
        "is not read from anything but the canonical form",
        arguments: [
            "", "019aa5b0-7c40-7000-8000-00000000000", "019aa5b0-7c40-7000-8000-0000000000000",
            "019aa5b07c4070008000000000000000", "{019aa5b0-7c40-7000-8000-000000000000}",
            "urn:uuid:019aa5b0-7c40-7000-8000-000000000000", "019aa5b-07c40-7000-8000-000000000000",
            "019aa5b0-7c40-7000-8000000000-000000", "019aa5b0_7c40_7000_8000_000000000000",
            "019aa5g0-7c40-7000-8000-000000000000", "019aa5b0-7c40-7000-8000-00000000000\n",
            " 019aa5b0-7c40-7000-8000-000000000000", "019aa5b0-7c40-7000-8000-000000000000 ",
            "０19aa5b0-7c40-7000-8000-000000000000", "019aa5b0-7c40-7000-8000-0000000000é",
            "------------------------------------",
        ]
    )
    func refusing(text: String) {
        #expect(DeviceID(text) == nil)
    }

    @Test("takes times before 1970 for its beginning instead of failing")
    func odd() {
        #expect(DeviceID.lowest(at: Timestamp(milliseconds: -5)).description == "00000000-0000-7000-8000-000000000000")
    }
}
