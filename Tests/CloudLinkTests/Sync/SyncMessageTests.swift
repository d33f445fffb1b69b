import CloudLink
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The cloud's messages about identity")
struct SyncMessageTests {
    private static let olga = "o@example.com owner o Olga"
    private static let anna = "a@example.com member a "

    @Test("A whole list is taken over, with the station's name")
    func list() async throws {
        let scene = try await SyncScene.make()
        #expect(scene.people == [Self.olga, Self.anna] && scene.hub.stationName == "Home")
    }

    @Test("“users” is as good as “members”, unknown fields are left alone, null is nothing")
    func users() async throws {
        let scene = try await SyncScene.make()
        let reply = try await scene.take(
            """
            {"type":"identity_sync","stationName":null,"ownerCloudUserId":null,"plan":"pro","users":[
                {"cloudUserId":"o","email":"o@example.com","name":null,"role":"owner","stationPasswordHash":null,
                "avatar":{"x":1}}]}
            """
        )
        #expect(reply == .nothing && scene.people == [Self.olga] && scene.hub.stationName == "Home")
    }

    @Test("The station is renamed; what is wrong about a name for people is put right")
    func renamed() async throws {
        let scene = try await SyncScene.make()
        let first = try await scene.take(#"{"type":"station_renamed","name":"  Har\u0007bour \n"}"#)
        #expect(first == .nothing && scene.hub.stationName == "Harbour")
        let second = try await scene.take(
            #"{"type":"station_renamed","name":"\#(String(repeating: "é", count: 300))"}"#
        )
        #expect(second == .nothing && scene.hub.stationName == String(repeating: "é", count: 100))
    }

    @Test("A member is taken in, with its fields in an object or beside the type")
    func added() async throws {
        let scene = try await SyncScene.make()
        let first = try await scene.take(
            #"{"type":"member_added","member":{"cloudUserId":"b","email":"B@example.com","name":"Bert","role":"admin"}}"#
        )
        let second = try await scene.take(
            #"{"type":"member_added","cloudUserId":"c","email":"c@example.com","role":"member"}"#
        )
        #expect(first == .nothing && second == .nothing)
        #expect(
            scene.people == [Self.olga, Self.anna, "b@example.com admin b Bert", "c@example.com member c "]
        )
    }

    @Test("A member changes in what is said of it")
    func updated() async throws {
        let scene = try await SyncScene.make()
        let first = try await scene.take(#"{"type":"member_updated","member":{"cloudUserId":"a","role":"admin"}}"#)
        let second = try await scene.take(
            #"{"type":"member_updated","cloudUserId":"a","email":"anna@example.com","name":"Anna"}"#
        )
        #expect(first == .nothing && second == .nothing)
        #expect(scene.people == [Self.olga, "anna@example.com admin a Anna"])
    }

    @Test("A member is removed; the same again is no fault")
    func removed() async throws {
        let scene = try await SyncScene.make()
        let first = try await scene.take(#"{"type":"member_removed","cloudUserId":"a"}"#)
        let second = try await scene.take(#"{"type":"member_removed","cloudUserId":"a"}"#)
        #expect(first == .nothing && second == .nothing && scene.people == [Self.olga])
    }

    @Test("A password is stored, and ends the sessions of its person")
    func password() async throws {
        let scene = try await SyncScene.make()
        let anna = try #require(scene.hub.users.last)
        let session = try await scene.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
        let reply = try await scene.take(
            #"{"type":"station_password_changed","cloudUserId":"a","stationPasswordHash":"\#(SyncScene.hash)"}"#
        )
        let hashes = try await scene.hub.passwordHashes(of: anna.id)
        #expect(reply == .nothing && hashes.cloud == SyncScene.hash && !scene.hub.isLive(session, of: anna.id))
    }

    @Test("A reset is put on record and acknowledged; to run it is for others")
    func reset() async throws {
        let scene = try await SyncScene.make()
        let reply = try await scene.take(#"{"type":"station_reset"}"#)
        #expect(reply == .reset(acknowledgement: ["type": "station_reset_ack"]))
        #expect(scene.hub.cloudClaim.resetStep == .devices && scene.people.count == 2)
    }

    // MARK: What does not fit

    private static let owner = #"{"cloudUserId":"o","email":"o@example.com","role":"owner"}"#

    /// Messages that are refused, with what their refusal says.
    static let unfit: [(message: String, reason: String)] = [
        (#"{"type":"identity_sync"}"#, "“members” is missing."),
        (#"{"type":"identity_sync","members":{}}"#, "“members” is an object; it must be an array."),
        (#"{"type":"identity_sync","users":7}"#, "“users” is a number; it must be an array."),
        (#"{"type":"identity_sync","members":[]}"#, "The list is empty."),
        (#"{"type":"identity_sync","members":[7]}"#, "“members” [0] is a number; it must be an object."),
        (
            #"{"type":"identity_sync","members":[{"cloudUserId":"o","role":"owner"}]}"#,
            "“members” [0]: “email” is missing."
        ),
        (
            #"{"type":"identity_sync","members":[{"cloudUserId":"a","email":"a@example.com","role":"member"}]}"#,
            "The list lacks the owner."
        ),
        (#"{"type":"identity_sync","ownerCloudUserId":"x","members":[\#(owner)]}"#, "The list lacks the owner."),
        (#"{"type":"identity_sync","members":[\#(owner),\#(owner)]}"#, "The list has the same cloudUserId twice."),
        (#"{"type":"identity_sync","stationName":" ","members":[\#(owner)]}"#, "“stationName” is empty."),
        (
            #"{"type":"identity_sync","stationName":1,"members":[\#(owner)]}"#,
            "“stationName” is a number; it must be a string."
        ),
        (#"{"type":"station_renamed"}"#, "“name” is missing."),
        (#"{"type":"station_renamed","name":"\u0000"}"#, "“name” is empty."),
        (#"{"type":"member_added","member":[]}"#, "“member” is an array; it must be an object."),
        (#"{"type":"member_added","member":{}}"#, "“cloudUserId” is missing."),
        (
            #"{"type":"member_added","cloudUserId":"","email":"b@example.com","role":"member"}"#,
            "“cloudUserId” must have 1–128 bytes, without control characters."
        ),
        (
            #"{"type":"member_added","cloudUserId":"b","email":"nonsense","role":"member"}"#,
            "“email” must be \(EmailAddress.rule)."
        ),
        (
            #"{"type":"member_added","cloudUserId":"b","email":"b@example.com","role":"guest"}"#,
            "“role” must be one of owner, admin, member."
        ),
        (
            #"{"type":"member_added","cloudUserId":"b","email":"b@example.com","role":"owner"}"#,
            StoreError.account(.ownerIsFixed).description
        ),
        (
            #"{"type":"member_added","cloudUserId":"b","email":"a@example.com","role":"member"}"#,
            "“b” has the e-mail address of another account of the station."
        ),
        (
            #"{"type":"member_added","cloudUserId":"b","email":"b@e.com","role":"member","stationPasswordHash":"$1$x"}"#,
            "“stationPasswordHash” must be \(BcryptHash.rule)."
        ),
        (#"{"type":"member_updated","cloudUserId":"x","name":"X"}"#, "There is no such user here: “x”."),
        (
            #"{"type":"member_updated","cloudUserId":"o","role":"member"}"#,
            StoreError.account(.ownerIsFixed).description
        ),
        (#"{"type":"member_removed","cloudUserId":"o"}"#, StoreError.account(.ownerIsFixed).description),
        (#"{"type":"member_removed"}"#, "“cloudUserId” is missing."),
        (#"{"type":"member_removed","cloudUserId":7}"#, "“cloudUserId” is a number; it must be a string."),
        (#"{"type":"station_password_changed","cloudUserId":"a"}"#, "“stationPasswordHash” is missing."),
        (
            #"{"type":"station_password_changed","cloudUserId":"x","stationPasswordHash":"\#(SyncScene.hash)"}"#,
            "There is no such user here: “x”."
        ),
    ]

    @Test("What does not fit is answered with what is wrong, logged, and changes nothing", arguments: unfit.indices)
    func refused(_ index: Int) async throws {
        let (message, reason) = Self.unfit[index]
        let scene = try await SyncScene.make()
        let before = scene.hub.users
        let reply = try await scene.take(message)
        let type = try #require(try JSONValue.parse(message)["type"])
        #expect(reply == .refusal(["type": "error", "message": .string(reason), "inReplyTo": type]))
        #expect(scene.hub.users == before && scene.hub.stationName == "Home")
        #expect(scene.hub.cloudClaim.resetStep == nil)
        let lines = scene.log.lines("a message of the cloud was refused")
        #expect(lines.map(\.metadata["reason"]) == [reason])
    }

    @Test("A refusal names the message by its id, where it has one")
    func replyTo() async throws {
        let scene = try await SyncScene.make()
        for id in ["7", "\"m-1\""] {
            let reply = try await scene.take(#"{"type":"member_removed","id":\#(id)}"#)
            guard case .refusal(let answer) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(answer["inReplyTo"] == (try JSONValue.parse(id)))
        }
    }

    @Test("Types that nobody knows are not answered, and logged once each")
    func unknownTypes() async throws {
        let scene = try await SyncScene.make()
        for type in ["\"error\"", "\"weather\"", "\"error\"", "7", "\"weather\""] {
            let reply = try await scene.take(#"{"type":\#(type)}"#)
            #expect(reply == .nothing)
        }
        let lines = scene.log.lines("the cloud says something that this version does not know")
        #expect(lines.map(\.metadata["type"]) == ["error", "weather", ""])
        for number in 0..<200 { _ = try await scene.take(#"{"type":"t\#(number)"}"#) }
        #expect(scene.log.lines("the cloud says something that this version does not know").count == 64)
    }

    @Test("Messages cut short or changed anywhere are refused or obeyed, and never leave the station without an owner")
    func garbled() async throws {
        let scene = try await SyncScene.make()
        var random = RepeatableRandom(seed: 9)
        let values: [JSONValue] = [.null, 7, "x", true, [], [:], ["o"], "owner", .string(SyncScene.hash)]
        for (message, _) in Self.unfit {
            guard let whole = try JSONValue.parse(message).objectValue else { continue }
            for member in whole.members where member.key != "type" {
                var changed = whole
                changed[member.key] = random.pick(values)
                _ = await scene.sync.take(changed)
                changed[member.key] = nil
                _ = await scene.sync.take(changed)
                #expect(scene.hub.users.count { $0.role == .owner } == 1)
            }
        }
    }
}
