import StationCore
import Testing

@testable import BLEProvision

@Suite("The book of candidates")
struct CandidateBookTests {
    private static let start = MonotonicInstant(sinceOrigin: .seconds(5000))
    private static let service = GATTUUID(short: 0xFFF0)

    private static func at(_ milliseconds: Int) -> MonotonicInstant {
        self.start.advanced(by: .milliseconds(milliseconds))
    }

    private static func advertisement(
        _ address: String = "AA:BB:CC:DD:EE:01", name: String? = "SH_lamp", rssi: Int? = -50, data: [UInt8]? = nil
    ) -> Advertisement {
        Advertisement(
            address: address, name: name, rssi: rssi, serviceUUIDs: [Self.service],
            serviceData: data.map { [Self.service: $0] } ?? [:])
    }

    private static func traits(_ id: String = "lamp", isProvisionable: Bool = true) throws -> CandidateTraits {
        CandidateTraits(
            dialect: .smartHome, externalID: try #require(ExternalID(id)), deviceType: "light", defaultName: "SH_lamp",
            isProvisionable: isProvisionable)
    }

    private static func told(_ changes: [CandidateBook.Change]) -> [String] {
        changes.map { change in
            switch change {
            case .candidate(let candidate): "\(candidate.externalID) \(candidate.rssi.map(String.init) ?? "-")"
            case .lost(let id): "lost \(id)"
            case .outdated(let address): "outdated \(address)"
            }
        }
    }

    @Test("tells a device once, and replays it")
    func once() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        let first = book.hear(Self.advertisement(), traits, at: Self.at(0))
        let again = book.hear(Self.advertisement(), traits, at: Self.at(5000))
        #expect(Self.told(first) == ["lamp -50"])
        #expect(again.isEmpty)
        let candidate = try #require(book.present.first)
        #expect(book.present.count == 1)
        #expect(candidate.address == "AA:BB:CC:DD:EE:01")
        #expect(candidate.deviceType == "light")
        #expect(candidate.dialect == .smartHome)
    }

    @Test("tells the strength of a signal at most once a second, and the last one in any case")
    func signal() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        var told: [String] = []
        for step in 0..<25 {
            told += Self.told(book.hear(Self.advertisement(rssi: -60 + step), traits, at: Self.at(step * 100)))
        }
        #expect(told == ["lamp -60", "lamp -50", "lamp -40"])
        #expect(book.nextChange == Self.at(3000))
        #expect(Self.told(book.pass(to: Self.at(2900))).isEmpty)
        #expect(Self.told(book.pass(to: Self.at(3000))) == ["lamp -36"])
    }

    @Test("withdraws a device that was not heard for 30 seconds")
    func withdrawal() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        #expect(book.nextChange == Self.at(30_000))
        #expect(book.pass(to: Self.at(29_999)).isEmpty)
        #expect(Self.told(book.pass(to: Self.at(30_000))) == ["lost lamp"])
        #expect(book.present.isEmpty)
        #expect(book.nextChange == nil)
    }

    @Test("excuses silence while nobody could be heard")
    func excuse() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        book.excuse(.seconds(45))
        #expect(book.pass(to: Self.at(60_000)).isEmpty)
        #expect(Self.told(book.pass(to: Self.at(75_000))) == ["lost lamp"])
    }

    @Test("has BlueZ forget a device that changed its name or service data, once a minute at most")
    func outdated() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(data: [1]), traits, at: Self.at(0))
        let changed = book.hear(Self.advertisement(data: [2]), traits, at: Self.at(100))
        let again = book.hear(Self.advertisement(data: [3]), traits, at: Self.at(200))
        let named = book.hear(Self.advertisement(name: "SH_other", data: [3]), traits, at: Self.at(60_200))
        #expect(Self.told(changed) == ["outdated AA:BB:CC:DD:EE:01"])
        #expect(again.isEmpty)
        #expect(Self.told(named) == ["outdated AA:BB:CC:DD:EE:01", "lamp -50"])
    }

    @Test("takes what comes for the first time for a completion, not for a change")
    func completion() throws {
        var book = CandidateBook()
        let address = try Self.traits("aabbccddee01")
        let named = try Self.traits("lamp")
        _ = book.hear(Self.advertisement(name: nil), address, at: Self.at(0))
        let changes = book.hear(Self.advertisement(data: [1]), named, at: Self.at(100))
        #expect(Self.told(changes) == ["lost aabbccddee01", "lamp -50"])
        #expect(book.present.count == 1)
    }

    @Test("tells two devices with the same id apart by their address")
    func sameID() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        let second = book.hear(Self.advertisement("AA:BB:CC:DD:EE:02"), traits, at: Self.at(100))
        #expect(Self.told(second) == ["aabbccddee02 -50"])
        #expect(Self.told(book.hear(Self.advertisement("AA:BB:CC:DD:EE:02"), traits, at: Self.at(200))).isEmpty)
    }

    @Test("takes the same id under a new address for the same device once the old address is silent")
    func newAddress() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        let moved = book.hear(Self.advertisement("AA:BB:CC:DD:EE:02"), traits, at: Self.at(12_000))
        #expect(Self.told(moved) == ["lost lamp", "lamp -50"])
        #expect(book.present.map(\.address) == ["AA:BB:CC:DD:EE:02"])
    }

    @Test("withdraws a device that is no candidate any more")
    func noCandidate() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        let provisioned = try Self.traits(isProvisionable: false)
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        #expect(Self.told(book.hear(Self.advertisement(), provisioned, at: Self.at(100))) == ["lost lamp"])
        #expect(book.hear(Self.advertisement(), nil, at: Self.at(200)).isEmpty)
    }

    @Test("holds so many candidates and not more")
    func bounded() throws {
        var book = CandidateBook()
        for number in 0..<1000 {
            let traits = try Self.traits("lamp-\(number)")
            _ = book.hear(Self.advertisement("AA:\(number)"), traits, at: Self.at(0))
        }
        #expect(book.present.count == ProvisioningCandidate.maximumCount)
        #expect(book.withdrawAll().count == ProvisioningCandidate.maximumCount)
    }

    /// A full book, its candidates ever fainter: `lamp-0` at -60 dBm, the last one at -79.
    private static func full(at now: MonotonicInstant) throws -> CandidateBook {
        var book = CandidateBook()
        for number in 0..<ProvisioningCandidate.maximumCount {
            let traits = try Self.traits("lamp-\(number)")
            _ = book.hear(Self.advertisement("AA:\(number)", rssi: -60 - number / 5), traits, at: now)
        }
        return book
    }

    @Test("full, has the faintest make room for one that is heard much better", arguments: [-72, -73, -74, -79, nil])
    func room(rssi: Int?) throws {
        var book = try Self.full(at: Self.at(0))
        let newcomer = Self.advertisement("BB:1", rssi: rssi)
        let changes = Self.told(book.hear(newcomer, try Self.traits("desk"), at: Self.at(100)))
        if let rssi, rssi >= -73 {
            #expect(changes == ["lost lamp-95", "desk \(rssi)"])
        } else {
            #expect(changes.isEmpty)
        }
        #expect(book.present.count == ProvisioningCandidate.maximumCount)
    }

    @Test("full, does not have two of about the same strength take turns")
    func turns() throws {
        var book = CandidateBook()
        for number in 0..<ProvisioningCandidate.maximumCount {
            let traits = try Self.traits("lamp-\(number)")
            _ = book.hear(Self.advertisement("AA:\(number)", rssi: -60), traits, at: Self.at(0))
        }
        let desk = book.hear(Self.advertisement("BB:1", rssi: -54), try Self.traits("desk"), at: Self.at(100))
        let lamp = book.hear(Self.advertisement("AA:0", rssi: -57), try Self.traits("lamp-0"), at: Self.at(200))
        #expect(Self.told(desk) == ["lost lamp-0", "desk -54"])
        #expect(lamp.isEmpty)
    }

    @Test("full, has the one that was silent for longest go first, however loud it was")
    func silent() throws {
        var book = try Self.full(at: Self.at(0))
        for number in 1..<ProvisioningCandidate.maximumCount {
            let traits = try Self.traits("lamp-\(number)")
            _ = book.hear(Self.advertisement("AA:\(number)", rssi: -60 - number / 5), traits, at: Self.at(5000))
        }
        let newcomer = Self.advertisement("BB:1", rssi: -95)
        let early = book.hear(newcomer, try Self.traits("desk"), at: Self.at(9999))
        let late = book.hear(newcomer, try Self.traits("desk"), at: Self.at(10_000))
        #expect(early.isEmpty)
        #expect(Self.told(late) == ["lost lamp-0", "desk -95"])
    }

    @Test("full, keeps those that are being provisioned, faint and silent as they are")
    func kept() throws {
        var book = try Self.full(at: Self.at(0))
        let kept = Set(try (1..<ProvisioningCandidate.maximumCount).map { try #require(ExternalID("lamp-\($0)")) })
        let desk = Self.advertisement("BB:1", rssi: -30)
        let first = book.hear(desk, try Self.traits("desk"), keeping: kept, at: Self.at(20_000))
        let lamp = Self.advertisement("BB:2", rssi: -20)
        let all = kept.union(Self.ids("desk"))
        let second = book.hear(lamp, try Self.traits("lamp"), keeping: all, at: Self.at(29_000))
        #expect(Self.told(first) == ["lost lamp-0", "desk -30"])
        #expect(second.isEmpty)
    }

    private static func ids(_ texts: String...) -> Set<ExternalID> { Set(texts.compactMap { ExternalID($0) }) }

    @Test("keeps the last known strength when an advertisement has none")
    func noSignal() throws {
        var book = CandidateBook()
        let traits = try Self.traits()
        _ = book.hear(Self.advertisement(), traits, at: Self.at(0))
        #expect(book.hear(Self.advertisement(rssi: nil), traits, at: Self.at(5000)).isEmpty)
        #expect(book.present.first?.rssi == -50)
    }
}
