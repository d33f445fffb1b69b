import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Logins for the broker")
struct BrokerLoginTests {
    private static func user(_ hub: StationHub, _ email: String = "a@example.com") async throws -> User {
        try await hub.addUser(
            NewUser(
                email: #require(EmailAddress(email)), name: "", passwordHash: "x", admission: .open,
                isEmailVerified: true
            )
        )
    }

    @Test("A verifier is what Mosquitto's plugin writes for the same password and salt")
    func vector() throws {
        // Written by mosquitto_ctrl 2.0.11 for the password “secret”.
        let salt = "9GMjKJZCgZVlL2ex"
        let hash = "d7h+9ikLS2g6bkZVEry1f83Qzf0tf9D2kkFvuiLmsTEnDTRrU4iVJ/H5v/G1T+eQL+J3PJgMjYK8C0FV216RYw=="
        let verifier = try #require(PasswordVerifier("\(salt)$\(hash)"))
        #expect(verifier.matches(Secret("secret")) && !verifier.matches(Secret("Secret")))
        #expect(verifier.description == "\(salt)$\(hash)" && PasswordVerifier.iterations == 101)
        #expect(
            ["", "$", salt, "\(salt)$", "\(salt)$\(hash)$", "\(salt)$AAAA"].allSatisfy { PasswordVerifier($0) == nil })
    }

    @Test("A device has a login under each of its names; its password is there until the broker knows it")
    func device() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let (device, token) = try await hub.addDevice(
            NewDevice(name: "lamp", type: nil, externalID: ExternalID("lamp"))
        )
        let logins = try await hub.brokerLogins()
        #expect(logins.map(\.username) == ["lamp", "device:\(device.id)"])
        #expect(logins.allSatisfy { $0.password == token && $0.verifier?.matches(token) == true })
        try await hub.forgetPasswords(of: logins)
        let told = try await hub.brokerLogins()
        #expect(told.allSatisfy { $0.password == nil && $0.verifier?.matches(token) == true })
        let renewed = try await hub.renewToken(of: device.id)
        // The broker was told of the old one only.
        try await hub.forgetPasswords(of: logins)
        let again = try await hub.brokerLogins()
        #expect(again.allSatisfy { $0.password == renewed && $0.verifier?.matches(renewed) == true })
        try await hub.removeDevice(device.id)
        let none = try await hub.brokerLogins()
        #expect(none == [])
    }

    @Test("No device is called like the agent")
    func reservedName() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let error = await #expect(throws: StoreError.self) {
            _ = try await hub.addDevice(
                NewDevice(name: "lamp", type: nil, externalID: ExternalID("station-agent"))
            )
        }
        guard case .invalid(field: "externalId", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("Five logins at most are live; a sixth takes the place of the oldest")
    func fiveLogins() async throws {
        let clock = ManualClock()
        let hub = try await StationHub.open(database: StationDatabase.inMemory(), clock: clock)
        let user = try await Self.user(hub)
        var names: [String] = []
        for _ in 1...6 {
            clock.advance(by: .seconds(1))
            names.append(try await hub.mintCredential(for: .user(user.id), lifetime: .seconds(60)).credential.username)
        }
        let base = "user:\(user.id)"
        #expect(names == [base, "\(base):2", "\(base):3", "\(base):4", "\(base):5", base])
        let logins = try await hub.brokerLogins()
        #expect(logins.count == 5 && Set(logins.map(\.username)) == Set(names))
    }

    @Test("A login is over at its time, whatever its password, and is removed from the store")
    func expiry() async throws {
        let clock = ManualClock()
        let hub = try await StationHub.open(database: StationDatabase.inMemory(), clock: clock)
        let user = try await Self.user(hub)
        let end = clock.wallTime.adding(.seconds(30))
        let minted = try await hub.mintCredential(for: .user(user.id), lifetime: .seconds(60), until: end)
        #expect(minted.credential.expiresAt == end)
        #expect(hub.credential(named: minted.credential.username)?.verifier.matches(minted.password) == true)
        clock.advance(by: .seconds(30))
        #expect(hub.credential(named: minted.credential.username) == nil)
        let logins = try await hub.brokerLogins()
        #expect(logins == [])
        try await hub.forgetExpiredCredentials()
        let next = try await hub.mintCredential(for: .user(user.id), lifetime: .seconds(60))
        #expect(next.credential.username == minted.credential.username)
    }

    @Test("Logins outlive a restart; those of a removed account do not outlive it")
    func restart() async throws {
        let database = try StationDatabase.inMemory()
        let subject = TokenSubject(kind: .service, id: "a/b c", groups: [], scopes: ["x"])
        let hub = try await StationHub.open(database: database)
        let user = try await Self.user(hub)
        let own = try await hub.mintCredential(for: .user(user.id), lifetime: .seconds(600))
        let service = try await hub.mintCredential(for: .token(subject), lifetime: .seconds(600))
        #expect(!service.credential.username.contains("/") && !service.credential.username.contains(" "))
        let next = try await StationHub.open(database: database)
        #expect(next.credential(named: own.credential.username)?.owner == .user(user.id))
        #expect(next.credential(named: service.credential.username)?.owner == .token(subject))
        try await next.removeUser(user.id)
        #expect(next.credential(named: own.credential.username) == nil)
        let last = try await StationHub.open(database: database)
        #expect(last.credential(named: own.credential.username) == nil)
    }

    @Test("A new password ends the logins made under the old one")
    func newPassword() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let user = try await Self.user(hub)
        let other = try await Self.user(hub, "b@example.com")
        let own = try await hub.mintCredential(for: .user(user.id), lifetime: .seconds(600))
        let others = try await hub.mintCredential(for: .user(other.id), lifetime: .seconds(600))
        try await hub.setPassword(hash: "y", of: user.id)
        #expect(hub.credential(named: own.credential.username) == nil)
        #expect(hub.credential(named: others.credential.username) != nil)
        let logins = try await hub.brokerLogins()
        #expect(logins.map(\.username) == [others.credential.username])
    }

    @Test("What people see at the broker is what is under their places")
    func rights() async throws {
        let hub = try await StationHub.open(database: StationDatabase.inMemory())
        let owner = try await hub.addUser(
            NewUser(
                email: #require(EmailAddress("o@example.com")), name: "", passwordHash: "x", admission: .firstOwner,
                isEmailVerified: true
            )
        )
        let stranger = try await Self.user(hub)
        let place = try await hub.addPlace(name: "Upstairs", owner: owner.id).id
        _ = try await hub.addDevice(
            NewDevice(name: "near", type: nil, externalID: ExternalID("near"), placeID: place)
        )
        let topic = "station/s/device/near/state"
        #expect(hub.brokerRights(of: owner.id) == .everyPlace)
        #expect(!hub.brokerRights(of: stranger.id).decide(.read, topic).isAllowed)
        try await hub.addMember(email: "a@example.com", role: .viewer, to: place, by: .owner)
        let rights = hub.brokerRights(of: stranger.id)
        #expect(rights.decide(.read, topic).isAllowed && rights.decide(.subscribe, topic).isAllowed)
        #expect(!rights.decide(.publish, topic).isAllowed)
        #expect(hub.brokerRights(of: UserID.make(at: Timestamp(milliseconds: 0))) == .nothing)
    }

    @Test("The device of an older store gets its login when it shows its token")
    func learned() async throws {
        try await TestStation.run { station in
            let (device, token) = try await station.hub.addDevice(
                NewDevice(name: "lamp", type: nil, externalID: ExternalID("lamp"))
            )
            try station.execute("UPDATE devices SET broker_verifier = NULL, broker_password = NULL")
            let before = try await station.hub.brokerLogins()
            #expect(before.allSatisfy { $0.verifier == nil })
            let found = try await station.hub.deviceID(forToken: token)
            #expect(found == device.id)
            let after = try await station.hub.brokerLogins()
            #expect(after.allSatisfy { $0.password == token && $0.verifier?.matches(token) == true })
        }
    }

    @Test("A backup holds no password in clear")
    func backup() async throws {
        try await TestStation.run { station in
            let (_, token) = try await station.hub.addDevice(
                NewDevice(name: "lamp", type: nil, externalID: ExternalID("lamp"))
            )
            let user = try await Self.user(station.hub)
            let minted = try await station.hub.mintCredential(for: .user(user.id), lifetime: .seconds(60))
            let file = "\(station.path).backup"
            try station.database.backup(
                to: file, renamedTo: file,
                note: BackupNote(madeAt: station.clock.wallTime, agentVersion: "1", secrets: Secret("secrets"))
            )
            let bytes = try Data(contentsOf: URL(filePath: file))
            for password in [token, minted.password] {
                #expect(bytes.firstRange(of: Data(password.revealed.utf8)) == nil)
            }
        }
    }
}
