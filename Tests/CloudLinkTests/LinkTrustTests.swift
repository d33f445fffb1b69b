import CloudLink
import StationCore
import Testing

@Suite("The link's machine: refusals and certificates (contract 4)")
struct LinkTrustTests {
    /// Authenticates and is refused; whether the token was set aside.
    private static func refuse(_ run: inout LinkRun) -> Bool {
        run.open()
        return run.tell(.message(.authRefused)).contains(.setTokenAside)
    }

    @Test("One refusal keeps the token, many within a minute too, one a minute later sets it aside")
    func refusals() {
        var run = LinkRun(LinkRun.claimed)
        #expect(!Self.refuse(&run))
        let first = run.now
        var count = 1
        while !Self.refuse(&run) {
            count += 1
            #expect(first.duration(to: run.now) < .seconds(60))
        }
        #expect(first.duration(to: run.now) >= .seconds(60))
        #expect(count > 3)
        let unclaimed = LinkCredentials(chipID: "chip", claimSecret: Secret("renewed"), stationToken: nil)
        #expect(run.tell(.credentialsChanged(unclaimed)) == [])
        #expect(run.goOn().first == .connect)
        #expect(run.tell(.opened).first == .send(.claimHandshake(chipID: "chip", claimSecret: Secret("renewed"))))
    }

    @Test("An accepted token between two refusals makes the second one the first")
    func acceptedBetween() {
        var run = LinkRun(LinkRun.claimed)
        #expect(!Self.refuse(&run))
        _ = run.wait(.seconds(100))
        run.authenticate()
        _ = run.tell(.closed(.other("lost")))
        #expect(!Self.refuse(&run))
        _ = run.wait(.seconds(100))
        #expect(Self.refuse(&run))
    }

    @Test("A refusal of another token does not count for this one")
    func otherToken() {
        var run = LinkRun(LinkRun.claimed)
        #expect(!Self.refuse(&run))
        let other = LinkCredentials(chipID: "chip", claimSecret: Secret("s"), stationToken: Secret("token-2"))
        _ = run.tell(.credentialsChanged(other))
        _ = run.wait(.seconds(100))
        #expect(!Self.refuse(&run))
    }

    @Test("A token that could not be set aside is so at the next refusal")
    func storeFails() {
        var run = LinkRun(LinkRun.claimed)
        #expect(!Self.refuse(&run))
        _ = run.wait(.seconds(100))
        #expect(Self.refuse(&run))
        #expect(Self.refuse(&run))
    }

    @Test("A refusal in the middle of an authenticated link counts as one")
    func lateRefusal() {
        var run = LinkRun(LinkRun.claimed)
        run.authenticate()
        let actions = run.tell(.message(.authRefused))
        #expect(actions.prefix(2) == [.endRPC, .close(.done)])
        _ = run.wait(.seconds(100))
        #expect(Self.refuse(&run))
    }

    @Test("A certificate that is not accepted is complained about once an hour")
    func certificates() {
        var run = LinkRun(LinkRun.claimed)
        var complaints: [MonotonicInstant] = []
        let end = run.after(.seconds(2 * 3_600 + 120))
        while run.now < end {
            let actions = run.tell(.closed(.certificate("expired")))
            if actions.contains(.warnOfCertificate("expired")) { complaints.append(run.now) }
            _ = run.goOn()
        }
        #expect(complaints.count == 3)
        #expect(zip(complaints, complaints.dropFirst()).allSatisfy { $0.duration(to: $1) >= .seconds(3_600) })
    }

    @Test(
        "Messages are told by their type, with any order and any company",
        arguments: [
            (#"{"type":"claim_success","stationToken":"t"}"#, LinkMessage.claimSuccess(Secret("t"))),
            (#"{"stationToken":"t","x":[1],"type":"claimed"}"#, .claimSuccess(Secret("t"))),
            (#"{"type":"claim_success"}"#, .claimSuccess(nil)),
            (#"{"type":"claim_success","stationToken":""}"#, .claimSuccess(nil)),
            (#"{"type":"claim_success","stationToken":7}"#, .claimSuccess(nil)),
            (#"{"type":"auth_ok"}"#, .authOK), (#"{"type":"auth_failed","why":"x"}"#, .authRefused),
            (#"{"type":"token_invalid"}"#, .authRefused), (#"{"type":"pending_reset"}"#, .pendingReset),
            (#"{"type":"station_reset"}"#, .stationReset), (#"{"type":"identity_sync"}"#, .other),
            (#"{"type":"auth_ok","method":"x"}"#, .other), (#"{"type":"auth_ok","type":"auth_failed"}"#, .other),
            (#"{"type":["auth_ok"]}"#, .other), (#"["auth_ok"]"#, .other), (#""auth_ok""#, .other), ("", .other),
            ("{", .other), ("auth_ok", .other), (#"{"type":"AUTH_OK"}"#, .other),
        ]
    )
    func parsing(_ text: String, _ expected: LinkMessage) {
        #expect(LinkMessage(text) == expected)
    }

    @Test("A token of more than 4096 bytes is none, and endless text is not read")
    func long() {
        let longest = String(repeating: "t", count: 4_096)
        #expect(LinkMessage(#"{"type":"claimed","stationToken":"\#(longest)"}"#) == .claimSuccess(Secret(longest)))
        #expect(LinkMessage(#"{"type":"claimed","stationToken":"\#(longest)t"}"#) == .claimSuccess(nil))
        let blanks = String(repeating: " ", count: 20_000)
        #expect(LinkMessage(#"{"type":"auth_ok"}"# + blanks) == .other)
    }

    @Test("What is sent first is the contract's, and does not show its secrets when it is printed")
    func greetings() {
        let handshake = LinkGreeting.claimHandshake(chipID: "ab\"c", claimSecret: Secret("s3cret"))
        #expect(handshake.text == #"{"type":"claim_handshake","chipId":"ab\"c","claimSecret":"s3cret"}"#)
        let auth = LinkGreeting.stationAuth(Secret("t0ken"))
        #expect(auth.text == #"{"type":"station_auth","stationToken":"t0ken"}"#)
        #expect(!"\(handshake) \(auth) \(LinkAction.storeToken(Secret("t0ken")))".contains("3cret"))
        #expect(!"\(LinkAction.send(auth)) \(LinkAction.storeToken(Secret("t0ken")))".contains("t0ken"))
    }
}
