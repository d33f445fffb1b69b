import StationCore

/// The lab cloud's books, and what it decides by them. Lives under the cloud's lock and does nothing by itself.
struct LabState {
    let options: LabOptions
    var records: [String: StationRecord] = [:]
    var sessions: [Int: LabSession] = [:]
    /// The transports of all connections, those of the control interface too.
    var lines: [Int: LabLine] = [:]
    var habits = LabHabits()
    /// The habits towards single stations; they count instead of the others.
    var habitsByStation: [String: LabHabits] = [:]
    var log: LabLog
    /// The lines whose opening requests are not answered.
    var hanging: Set<Int> = []
    /// When stations have asked for a WebSocket.
    var arrivals: [MonotonicInstant] = []
    private var lastNumber = 0

    init(options: LabOptions) {
        self.options = options
        self.log = LabLog(capacity: options.logCapacity)
    }

    mutating func nextNumber() -> Int {
        self.lastNumber += 1
        return self.lastNumber
    }

    func habits(towards chipID: String?) -> LabHabits {
        chipID.flatMap { self.habitsByStation[$0] } ?? self.habits
    }

    /// The sessions of all stations, or of those named.
    func sessions(of chipIDs: [String]?) -> [LabSession] {
        let sessions = self.sessions.values.sorted { $0.number < $1.number }
        guard let chipIDs else { return sessions }
        return sessions.filter { session in session.chipID.map { chipIDs.contains($0) } ?? false }
    }

    // MARK: - What stations say

    /// A station without a token asks for its owner.
    mutating func handshake(_ chipID: String, _ secret: Secret, _ session: LabSession) -> LabVerdict {
        var record = self.records[chipID] ?? StationRecord(chipID: chipID)
        record.view.handshakes += 1
        if record.isResetPending {
            record.isResetPending = false
            record.token = nil
            record.view.isClaimed = false
        }
        record.offeredSecret = secret
        var verdict = LabVerdict()
        verdict.chipID = chipID
        verdict.replaced = self.moveIn(session, &record, .waiting)
        if let spent = record.spentSecret, spent == secret {
            if let token = record.token, !record.isTokenUsed {
                // The station has not heard of its claim.
                verdict.answers = [Self.claimMessage(token, .success)]
            } else {
                verdict.answers = LabVerdict.error("this claim secret is spent", to: "claim_handshake").answers
            }
        } else if let claim = record.expectedClaim, claim.secret.map({ $0 == secret }) ?? true {
            verdict.answers = [Self.claim(&record, claim.word)]
        } else if self.options.claimsEverybody {
            verdict.answers = [Self.claim(&record, .success)]
        }
        self.records[chipID] = record
        return verdict
    }

    /// A station shows its token.
    mutating func authenticate(_ token: Secret, _ session: LabSession) -> LabVerdict {
        guard let chipID = LabToken.chipID(in: token) else {
            return LabVerdict([["type": .string(self.habits.tokenAnswer ?? "auth_failed")]])
        }
        let habits = self.habits(towards: chipID)
        let isFirst = self.records[chipID] == nil
        var record = self.records[chipID] ?? StationRecord(chipID: chipID)
        var verdict = LabVerdict()
        verdict.chipID = chipID
        if isFirst, self.options.trustsTokens { record.token = token }
        if let answer = habits.tokenAnswer ?? ((record.token.map { $0 == token } ?? false) ? nil : "auth_failed") {
            record.view.refusals += 1
            verdict.answers = [["type": .string(answer)]]
            // Names that anybody could have made up are not kept.
            if !isFirst || record.token != nil { self.records[chipID] = record }
            return verdict
        }
        record.isTokenUsed = true
        record.view.isClaimed = true
        if record.isResetPending {
            verdict.replaced = self.moveIn(session, &record, .waiting)
            verdict.answers = [["type": "pending_reset"]]
        } else {
            record.view.authentications += 1
            verdict.replaced = self.moveIn(session, &record, .authenticated)
            verdict.answers = [["type": "auth_ok"]]
            verdict.isAuthenticated = true
            verdict.drops = habits.dropsAfterConsent
        }
        self.records[chipID] = record
        return verdict
    }

    /// A station tells something. Returns the event id, if it is to be acknowledged.
    mutating func notified(_ message: JSONObject, method: String, by chipID: String) -> String? {
        self.records[chipID]?.view.notifications[method, default: 0] += 1
        guard let event = (message["params"]?["eventId"] ?? message["eventId"])?.stringValue else { return nil }
        if self.records[chipID]?.remember(event) == false { self.records[chipID]?.view.duplicates += 1 }
        guard self.habits(towards: chipID).acknowledges else { return nil }
        self.records[chipID]?.view.acknowledged += 1
        return event
    }

    /// A connection is over.
    mutating func ended(_ session: LabSession) {
        self.sessions[session.number] = nil
        guard let chipID = session.chipID, self.records[chipID]?.session == session.number else { return }
        self.records[chipID]?.session = nil
        self.records[chipID]?.offeredSecret = nil
        self.records[chipID]?.view.presence = .absent
    }

    // MARK: - What owners and labs do

    /// An owner claims a station, which may be here or still to come.
    ///
    /// - Returns: The session that is to get the message; nil if the station is awaited.
    mutating func claim(
        _ chipID: String, _ secret: Secret?, _ word: ClaimWord
    ) throws(LabError) -> (session: LabSession, message: JSONObject)? {
        guard LabToken.isChipID(chipID) else { throw .invalid("“\(chipID)” is no chip id") }
        var record = self.records[chipID] ?? StationRecord(chipID: chipID)
        guard let offered = record.offeredSecret, let session = record.session.flatMap({ self.sessions[$0] }) else {
            record.expectedClaim = ExpectedClaim(secret: secret, word: word)
            self.records[chipID] = record
            return nil
        }
        if let secret, secret != offered { throw .wrongSecret(chipID: chipID) }
        if let spent = record.spentSecret, spent == offered, record.isTokenUsed {
            throw .invalid("the station waits with a claim secret that is spent; it must make a new one")
        }
        let message = Self.claim(&record, word)
        self.records[chipID] = record
        return (session, message)
    }

    /// Gives a station a token without a claim.
    mutating func admit(_ chipID: String) throws(LabError) -> Secret {
        guard LabToken.isChipID(chipID) else { throw .invalid("“\(chipID)” is no chip id") }
        let token = LabToken.make(for: chipID)
        var record = self.records[chipID] ?? StationRecord(chipID: chipID)
        record.token = token
        record.view.isClaimed = true
        self.records[chipID] = record
        return token
    }

    private static func claim(_ record: inout StationRecord, _ word: ClaimWord) -> JSONObject {
        let token = LabToken.make(for: record.view.chipID)
        record.token = token
        record.isTokenUsed = false
        record.spentSecret = record.offeredSecret
        record.expectedClaim = nil
        record.view.isClaimed = true
        return self.claimMessage(token, word)
    }

    private static func claimMessage(_ token: Secret, _ word: ClaimWord) -> JSONObject {
        ["type": .string(word.rawValue), "stationToken": .string(token.revealed)]
    }

    /// Makes a session the one of its station.
    ///
    /// - Returns: The one before, if there was another.
    private func moveIn(
        _ session: LabSession, _ record: inout StationRecord, _ presence: LabStation.Presence
    ) -> LabSession? {
        let before = record.session.flatMap { $0 == session.number ? nil : self.sessions[$0] }
        record.session = session.number
        record.view.presence = presence
        if presence == .authenticated { record.offeredSecret = nil }
        return before
    }
}
