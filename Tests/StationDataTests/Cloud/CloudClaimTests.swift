import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The claim of the station")
struct CloudClaimTests {
    private static let token = Secret("a token of the cloud")

    private static var settings: HubSettings {
        var settings = HubSettings()
        settings.loginKey = Secret("the station's own key")
        settings.chipID = "0123456789abcdef0123456789abcdef"
        return settings
    }

    @Test("A new station is unclaimed; its claim secret is random, and stays over restarts")
    func firstStart() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let claim = station.hub.cloudClaim
            #expect(!claim.isClaimed && claim.claimedAt == nil && claim.resetStep == nil)
            #expect(claim.chipID == Self.settings.chipID && claim.claimSecret.revealed.utf8.count == 43)
            #expect(claim.offer == CloudClaimOffer(chipID: claim.chipID, claimSecret: claim.claimSecret))
            #expect(station.hub.cloudChannels == [.state, .status, .device, .alert])
            let next = try await station.restarted()
            #expect(next.hub.cloudClaim == claim)
            let other = try await StationHub.open(database: StationDatabase.inMemory())
            #expect(other.cloudClaim.claimSecret != claim.claimSecret)
        }
    }

    @Test("A claim is stored with its time, uses the secret up, and is announced")
    func claimed() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let before = station.hub.cloudClaim
            let announcements = Announcements(of: station.hub)
            try await station.hub.claim(with: Self.token)
            let claim = station.hub.cloudClaim
            #expect(claim.stationToken == Self.token && claim.claimedAt == station.clock.wallTime)
            #expect(claim.claimSecret != before.claimSecret && claim.offer == nil)
            let events = await announcements.next()
            #expect(events == [.cloudChanged])
            let next = try await station.restarted()
            #expect(next.hub.cloudClaim == claim)
        }
    }

    @Test("What is no token is refused and changes nothing", arguments: [0, CloudClaim.maximumTokenLength + 1])
    func noToken(length: Int) async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let before = hub.cloudClaim
        let error = await #expect(throws: StoreError.self) {
            try await hub.claim(with: Secret(String(repeating: "x", count: length)))
        }
        #expect(error?.invalidField == "stationToken")
        #expect(hub.cloudClaim == before)
    }

    @Test("Neither token nor claim secret is in the file in clear")
    func sealed() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            try await station.hub.claim(with: Self.token)
            let claim = station.hub.cloudClaim
            try await station.hub.setTokenAside()
            let last = station.hub.cloudClaim
            try station.database.close()
            let bytes = try Data(contentsOf: URL(filePath: station.path))
            #expect(bytes.firstRange(of: Data(Self.token.revealed.utf8)) == nil)
            #expect(bytes.firstRange(of: Data(claim.claimSecret.revealed.utf8)) == nil)
            #expect(bytes.firstRange(of: Data(last.claimSecret.revealed.utf8)) == nil)
        }
    }

    @Test("A refused token is set aside for a day; then it is forgotten")
    func aside() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            try await station.hub.claim(with: Self.token)
            let claim = station.hub.cloudClaim
            try await station.hub.setTokenAside()
            let refused = station.hub.cloudClaim
            #expect(!refused.isClaimed && refused.claimedAt == nil && refused.claimSecret != claim.claimSecret)
            #expect(station.hub.tokenAside == Self.token)
            let next = try await station.restarted()
            #expect(next.hub.tokenAside == Self.token)
            station.clock.advance(by: .seconds(86_399))
            #expect(next.hub.tokenAside == Self.token)
            station.clock.advance(by: .seconds(1))
            #expect(next.hub.tokenAside == nil)
            let isBack = try await next.hub.takeTokenBack()
            #expect(!isBack && !next.hub.cloudClaim.isClaimed)
        }
    }

    @Test("A token that was set aside can be taken back within the day, and a new claim puts it out of question")
    func takenBack() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            try await station.hub.claim(with: Self.token)
            try await station.hub.setTokenAside()
            let isBack = try await station.hub.takeTokenBack()
            #expect(isBack && station.hub.cloudClaim.stationToken == Self.token && station.hub.tokenAside == nil)
            try await station.hub.setTokenAside()
            try await station.hub.claim(with: Secret("another"))
            #expect(station.hub.tokenAside == nil)
            let isBackAgain = try await station.hub.takeTokenBack()
            #expect(!isBackAgain && station.hub.cloudClaim.stationToken == Secret("another"))
        }
    }

    @Test("Setting aside without a claim does nothing")
    func nothingAside() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let before = hub.cloudClaim
        try await hub.setTokenAside()
        #expect(hub.cloudClaim == before && hub.tokenAside == nil)
    }

    @Test("Ending the claim forgets the cloud with all that waits for it, and keeps people and devices")
    func unclaimed() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let owner = try await station.hub.addUser(
                NewUser(
                    email: #require(EmailAddress("o@example.com")), name: "", passwordHash: "x",
                    admission: .firstOwner, isEmailVerified: true
                )
            )
            try await station.hub.claim(with: Self.token)
            try await station.hub.setCloudChannels([.event])
            let lamp = try await station.add("Lamp")
            let claim = station.hub.cloudClaim
            try await station.hub.unclaim()
            let after = station.hub.cloudClaim
            #expect(!after.isClaimed && after.claimSecret != claim.claimSecret && after.channels == CloudChannel.usual)
            #expect(try station.count("outbox") == 0 && station.hub.outboxDepth == 0)
            #expect(station.hub.user(owner.id) != nil && station.hub.device(lamp.id) != nil)
            let next = try await station.restarted()
            #expect(next.hub.cloudClaim == after)
        }
    }

    @Test("A claim secret can be renewed")
    func renewed() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let before = hub.cloudClaim.claimSecret
        try await hub.renewClaimSecret()
        #expect(hub.cloudClaim.claimSecret != before)
    }

    @Test("The chosen channels are kept, also when they are none; the same again is no news")
    func channels() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let announcements = Announcements(of: station.hub)
            try await station.hub.setCloudChannels([])
            #expect(station.hub.cloudChannels == [])
            try await station.hub.setCloudChannels([])
            let events = await announcements.next()
            #expect(events == [.cloudChanged])
            try await station.hub.setCloudChannels([.event, .automation])
            let next = try await station.restarted()
            #expect(next.hub.cloudChannels == [.event, .automation])
        }
    }

    @Test("The command line's word is noticed")
    func foreign() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            try await station.hub.claim(with: Self.token)
            await station.lookRound()
            let announcements = Announcements(of: station.hub)
            let database = try StationDatabase.open(path: station.path)
            let cli = try await StationHub.open(database: database, settings: Self.settings, clock: station.clock)
            #expect(cli.cloudClaim == station.hub.cloudClaim)
            try await cli.unclaim()
            try database.close()
            #expect(station.hub.cloudClaim.isClaimed)
            await station.lookRound()
            #expect(!station.hub.cloudClaim.isClaimed)
            let events = await announcements.next()
            #expect(events == [.cloudChanged])
            await station.lookRound()
            let more = await announcements.next()
            #expect(more == [])
        }
    }

    @Test("With another key the station is unclaimed; with the old one it is as before, until it is claimed anew")
    func otherKey() async throws {
        let database = try StationDatabase.inMemory()
        let first = try await StationHub.open(database: database, settings: Self.settings)
        try await first.claim(with: Self.token)
        var other = Self.settings
        other.loginKey = Secret("another key")
        let second = try await StationHub.open(database: database, settings: other)
        #expect(!second.cloudClaim.isClaimed && second.cloudClaim.claimSecret != first.cloudClaim.claimSecret)
        let third = try await StationHub.open(database: database, settings: Self.settings)
        #expect(third.cloudClaim.stationToken == Self.token)
        #expect(third.cloudClaim.claimSecret != first.cloudClaim.claimSecret)
        let fourth = try await StationHub.open(database: database, settings: other)
        try await fourth.claim(with: Secret("new"))
        let fifth = try await StationHub.open(database: database, settings: Self.settings)
        #expect(!fifth.cloudClaim.isClaimed)
    }

    @Test("A store that cannot be written leaves the claim as it was")
    func brokenStore() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let before = station.hub.cloudClaim
            try station.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON cloud_config BEGIN SELECT RAISE(ABORT, 'no'); END")
            let error = await #expect(throws: StoreError.self) { try await station.hub.claim(with: Self.token) }
            #expect(error?.isUnavailable == true)
            #expect(station.hub.cloudClaim == before)
        }
    }
}
