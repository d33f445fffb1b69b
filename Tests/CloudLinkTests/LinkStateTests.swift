import CloudLink
import StationCore
import Testing

@Suite("The link's machine: states (contract 4)")
struct LinkStateTests {
    /// Every state that a machine can be in, and how it got there.
    enum Place: String, CaseIterable, CustomTestStringConvertible {
        case stopped, offline, connecting, waiting, claiming, claimingLater, authenticating, authenticated, resetting

        var testDescription: String { self.rawValue }

        var run: LinkRun {
            let isUnclaimed = [.waiting, .claiming, .claimingLater].contains(self)
            var run = LinkRun(self == .stopped ? nil : isUnclaimed ? LinkRun.unclaimed : LinkRun.claimed)
            if self == .offline { _ = run.tell(.closed(.other("lost"))) }
            if ![.stopped, .offline, .connecting].contains(self) { run.open() }
            if [.authenticated, .resetting].contains(self) { _ = run.tell(.message(.authOK)) }
            if self == .resetting { _ = run.tell(.message(.pendingReset)) }
            if [.claiming, .claimingLater].contains(self) {
                _ = run.tell(.message(.claimSuccess(Secret("new"))))
            }
            if self == .claimingLater { _ = run.tell(.storeFailed) }
            return run
        }
    }

    @Test("Each way into a state leads there", arguments: Place.allCases)
    func places(_ place: Place) {
        let run = place.run
        let now = run.now
        let expected: LinkState =
            switch place {
            case .stopped: .stopped
            case .offline: .offline(until: run.timer ?? now)
            case .connecting: .connecting(until: now.advanced(by: .seconds(15)))
            case .waiting: .waiting
            case .claiming: .claiming(retryAt: nil)
            case .claimingLater: .claiming(retryAt: now.advanced(by: .seconds(5)))
            case .authenticating: .authenticating(until: now.advanced(by: .seconds(15)))
            case .authenticated: .authenticated(since: now)
            case .resetting: .resetting
            }
        #expect(run.state == expected)
    }

    @Test("An unclaimed station offers itself, stores the token, and comes back with it at once")
    func claim() {
        var run = LinkRun()
        #expect(
            run.tell(.start(LinkRun.unclaimed))
                == [.connect, .report(.connecting(until: run.after(.seconds(15))), because: nil)]
        )
        #expect(
            run.tell(.opened)
                == [
                    .send(.claimHandshake(chipID: "chip", claimSecret: Secret("secret-1"))),
                    .report(.waiting, because: nil),
                ]
        )
        #expect(
            run.tell(.message(.claimSuccess(Secret("token-1"))))
                == [.storeToken(Secret("token-1")), .report(.claiming(retryAt: nil), because: nil)]
        )
        #expect(
            run.tell(.credentialsChanged(LinkRun.claimed))
                == [.close(.done), .connect, .report(.connecting(until: run.after(.seconds(15))), because: nil)]
        )
        #expect(
            run.tell(.opened)
                == [
                    .send(.stationAuth(LinkRun.token)),
                    .report(.authenticating(until: run.after(.seconds(15))), because: nil),
                ]
        )
        #expect(
            run.tell(.message(.authOK)) == [.beginRPC, .report(.authenticated(since: run.now), because: nil)]
        )
    }

    @Test("Waiting to be claimed has no end of its own")
    func patience() {
        var run = LinkRun(LinkRun.unclaimed)
        run.open()
        for number in 1...120 {
            #expect(run.goOn() == [.ping(number)])
            _ = run.tell(.pong(number))
        }
        #expect(run.state == .waiting)
        #expect(LinkRun.begin.duration(to: run.now) == .seconds(3_600))
    }

    @Test("A token that cannot be stored is stored again every 5 s, with and without the connection")
    func storeFails() {
        var run = Place.claiming.run
        #expect(run.tell(.storeFailed).count == 1)
        #expect(run.goOn() == [.storeToken(Secret("new")), .report(.claiming(retryAt: nil), because: nil)])
        #expect(run.tell(.closed(.other("lost"))) == [])
        _ = run.tell(.storeFailed)
        let begin = run.now
        #expect(run.goOn().first == .storeToken(Secret("new")))
        #expect(begin.duration(to: run.now) == .seconds(5))
        #expect(
            run.tell(.credentialsChanged(LinkRun.claimed))
                == [.connect, .report(.connecting(until: run.after(.seconds(15))), because: nil)]
        )
    }

    @Test("A connection that dies while the token is stored is dropped without a new one")
    func deadWhileClaiming() {
        var run = Place.claiming.run
        #expect(run.goOn() == [.ping(1)])
        #expect(run.goOn() == [.drop])
        #expect(run.state == .claiming(retryAt: nil))
        #expect(run.timer == nil)
    }

    @Test("A claim without a token is answered with the end of the connection")
    func claimWithoutToken() {
        var run = Place.waiting.run
        let actions = run.tell(.message(.claimSuccess(nil)))
        #expect(actions.first == .close(.nonsense))
        #expect(run.pause != nil)
    }

    @Test(
        "A message is obeyed only where it belongs",
        arguments: [
            LinkMessage.claimSuccess(Secret("t")), .claimSuccess(nil), .authOK, .authRefused, .pendingReset,
            .stationReset, .other,
        ], Place.allCases
    )
    func messages(_ message: LinkMessage, in place: Place) {
        var run = place.run
        let before = run.state
        let actions = run.tell(.message(message))
        switch (place, message) {
        case (.waiting, .claimSuccess(let token?)): #expect(actions.first == .storeToken(token))
        case (.waiting, .claimSuccess(nil)): #expect(actions.first == .close(.nonsense))
        case (.authenticating, .authOK): #expect(actions.first == .beginRPC)
        case (.authenticating, .authRefused): #expect(actions.first == .close(.done))
        case (.authenticated, .authRefused): #expect(actions.prefix(2) == [.endRPC, .close(.done)])
        case (.authenticating, .pendingReset), (.authenticating, .stationReset):
            #expect(actions == [.resetStation, .report(.resetting, because: nil)])
        case (.authenticated, .pendingReset):
            #expect(actions == [.endRPC, .resetStation, .report(.resetting, because: nil)])
        case (.authenticated, _):
            // Who serves the cloud also takes `station_reset` among the messages about identity.
            #expect(actions == [.deliver])
            #expect(run.state == before)
        default:
            #expect(actions == [.ignore])
            #expect(run.state == before)
        }
    }

    @Test("A stop ends what there is, and nothing happens after it", arguments: Place.allCases)
    func stop(_ place: Place) {
        var run = place.run
        let expected: [LinkAction] =
            switch place {
            case .stopped: []
            case .offline: [.report(.stopped, because: nil)]
            case .connecting: [.drop, .report(.stopped, because: nil)]
            case .waiting, .claiming, .claimingLater, .authenticating, .resetting:
                [.close(.leaving), .report(.stopped, because: nil)]
            case .authenticated: [.endRPC, .close(.leaving), .report(.stopped, because: nil)]
            }
        #expect(run.tell(.stop) == expected)
        #expect(run.timer == nil)
        let later = run.tell(
            .closed(.other("late")), .opened, .timer, .networkChanged, .storeFailed, .resetFailed, .pong(1),
            .credentialsChanged(LinkRun.unclaimed), .stop
        )
        #expect(later == [])
        #expect(run.state == .stopped)
    }

    @Test("The end of the connection leads to a pause, except where none is needed", arguments: Place.allCases)
    func loss(_ place: Place) {
        var run = place.run
        let before = run.state
        let actions = run.tell(.closed(.other("reset by peer")))
        switch place {
        case .stopped, .offline, .claiming, .claimingLater, .resetting:
            #expect(actions == [])
            #expect(run.state == before)
        case .connecting, .waiting, .authenticating:
            #expect(actions == [.report(run.state, because: "reset by peer")])
            #expect(run.pause != nil)
        case .authenticated:
            #expect(actions == [.endRPC, .report(run.state, because: "reset by peer")])
            #expect(run.pause != nil)
        }
    }

    @Test("Other credentials mean another connection, the same ones nothing", arguments: Place.allCases)
    func credentials(_ place: Place) {
        var run = place.run
        let same = [.waiting, .claiming, .claimingLater].contains(place) ? LinkRun.unclaimed : LinkRun.claimed
        let before = run.state
        #expect(run.tell(.credentialsChanged(same)) == [])
        #expect(run.state == before)
        let other = LinkCredentials(chipID: "chip", claimSecret: Secret("other"), stationToken: Secret("token-2"))
        let actions = run.tell(.credentialsChanged(other))
        let connecting = LinkAction.report(.connecting(until: run.after(.seconds(15))), because: nil)
        switch place {
        case .stopped, .offline, .connecting, .resetting:
            #expect(actions == [])
            #expect(run.state == before)
        case .waiting, .claiming, .claimingLater, .authenticating:
            #expect(actions == [.close(.done), .connect, connecting])
        case .authenticated: #expect(actions == [.endRPC, .close(.done), .connect, connecting])
        }
        guard place != .stopped, place != .resetting else { return }
        if case .offline = run.state { _ = run.goOn() }
        #expect(run.tell(.opened).first == .send(.stationAuth(Secret("token-2"))))
    }

    @Test("A renewed claim secret matters only to a station that still needs it")
    func renewedSecret() {
        var claimed = Place.authenticated.run
        let renewed = LinkCredentials(chipID: "chip", claimSecret: Secret("new"), stationToken: LinkRun.token)
        #expect(claimed.tell(.credentialsChanged(renewed)) == [])
        var waiting = Place.waiting.run
        let other = LinkCredentials(chipID: "chip", claimSecret: Secret("new"), stationToken: nil)
        #expect(waiting.tell(.credentialsChanged(other)).prefix(2) == [.close(.done), .connect])
        #expect(waiting.tell(.opened).first == .send(.claimHandshake(chipID: "chip", claimSecret: Secret("new"))))
    }

    @Test("A reset that cannot begin leaves a link that comes back", arguments: [true, false])
    func resetFails(_ isOpen: Bool) {
        var run = Place.resetting.run
        if !isOpen { _ = run.tell(.closed(.other("lost"))) }
        let actions = run.tell(.resetFailed)
        #expect(actions.contains(.close(.done)) == isOpen)
        run.authenticate()
        #expect(run.state == .authenticated(since: run.now))
    }

    @Test("An opened connection that nobody waits for changes nothing", arguments: Place.allCases)
    func unexpectedOpening(_ place: Place) {
        guard place != .connecting else { return }
        var run = place.run
        let before = run.state
        #expect(run.tell(.opened) == [])
        #expect(run.state == before)
    }
}
