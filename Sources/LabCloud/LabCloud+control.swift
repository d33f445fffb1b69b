import NIOCore
public import StationCore
import StationSocket
import Synchronization

/// What owners and tests tell the cloud to do.
extension LabCloud {
    /// An owner claims a station: at once where it waits, otherwise when it comes.
    ///
    /// - Parameters:
    ///   - secret: From the station's QR code; nil for any.
    ///   - word: The type of the message that tells the station.
    /// - Returns: Whether the station has been told.
    /// - Throws: `LabError.wrongSecret`, `.invalid`.
    @discardableResult
    public func claim(
        _ chipID: String, secret: Secret? = nil, word: ClaimWord = .success
    ) async throws(LabError) -> Bool {
        let outcome = self.state.withLock { state -> Result<(session: LabSession, message: JSONObject)?, LabError> in
            do throws(LabError) {
                return .success(try state.claim(chipID, secret, word))
            } catch {
                return .failure(error)
            }
        }
        guard let (session, message) = try outcome.get() else { return false }
        await session.send(message)
        return true
    }

    /// Gives a station a token without a claim; the one before no longer counts.
    ///
    /// - Throws: `LabError.invalid` when it cannot be called that.
    public func admit(_ chipID: String) throws(LabError) -> Secret {
        try self.state.withLock { state -> Result<Secret, LabError> in
            do throws(LabError) {
                return .success(try state.admit(chipID))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Takes a station's token away: it is refused from now on, and its connection dropped.
    ///
    /// - Throws: `LabError.noStation`.
    public func revoke(_ chipID: String) throws(LabError) {
        let session = try self.state.withLock { state -> Result<LabSession?, LabError> in
            guard var record = state.records[chipID] else { return .failure(.noStation(chipID: chipID)) }
            record.token = nil
            record.view.isClaimed = false
            state.records[chipID] = record
            return .success(record.session.flatMap { state.sessions[$0] })
        }.get()
        if let session, session.isAuthenticated { session.line.drop() }
    }

    /// Tells a station to reset itself: at once where it is authenticated, otherwise when it shows its token. That
    /// stays the answer to its token until it asks to be claimed.
    ///
    /// - Returns: Whether the station has been told.
    /// - Throws: `LabError.noStation`.
    @discardableResult
    public func reset(_ chipID: String) async throws(LabError) -> Bool {
        let session = try self.state.withLock { state -> Result<LabSession?, LabError> in
            guard state.records[chipID] != nil else { return .failure(.noStation(chipID: chipID)) }
            state.records[chipID]?.isResetPending = true
            return .success(state.records[chipID]?.session.flatMap { state.sessions[$0] })
        }.get()
        guard let session, session.isAuthenticated else { return false }
        await session.send(["type": "station_reset"])
        return true
    }

    /// Calls a method of a station.
    ///
    /// - Parameter chipID: nil for the only one that is authenticated.
    /// - Throws: `LabError`: `.noStation`, `.notOne`, `.notConnected`, `.noAnswer`.
    public func call(
        _ method: String, _ params: JSONValue? = nil, of chipID: String? = nil, within limit: Duration = .seconds(15)
    ) async throws(LabError) -> LabReply {
        let session = try self.session(of: chipID)
        var reply: LabReply?
        do {
            reply = try await session.call(method, params, within: limit)
        } catch {
            // Cancelled: nobody waits for the answer any more.
        }
        guard let reply else { throw .noAnswer(chipID: session.chipID ?? "", limit: limit) }
        return reply
    }

    /// Sends an object, such as a legacy message or a notification.
    ///
    /// - Parameter chipID: nil for the only one that is authenticated.
    /// - Throws: `LabError`: `.noStation`, `.notOne`, `.notConnected`.
    public func send(_ message: JSONObject, to chipID: String? = nil) async throws(LabError) {
        try await self.session(of: chipID).send(message)
    }

    // MARK: - Misbehaviour

    /// Behaves so from now on.
    ///
    /// Half-open lines concern connections there are as well; those are dropped when the habit ends, and so are those
    /// that hang.
    ///
    /// - Parameter chipIDs: nil for all; then what was said of single stations is forgotten.
    public func behave(_ habits: LabHabits, towards chipIDs: [String]? = nil) {
        let sessions = self.state.withLock { state in
            if let chipIDs {
                for chipID in chipIDs { state.habitsByStation[chipID] = habits }
            } else {
                state.habits = habits
                state.habitsByStation = [:]
            }
            return state.sessions(of: chipIDs)
        }
        for session in sessions {
            if habits.isHalfOpen {
                session.line.isMute = true
            } else if session.line.isMute {
                session.line.drop()
            }
        }
        if chipIDs == nil, !habits.hangs { self.dropHanging() }
    }

    /// Does something bad once to the connections there are.
    ///
    /// - Parameter chipIDs: nil for all.
    /// - Returns: To how many.
    @discardableResult
    public func strike(_ strike: LabStrike, at chipIDs: [String]? = nil) async -> Int {
        let sessions = self.state.withLock { $0.sessions(of: chipIDs) }
        // One that does not read must not protect the others.
        await withDiscardingTaskGroup { group in
            for session in sessions { group.addTask { await session.take(strike) } }
        }
        return sessions.count
    }

    private func dropHanging() {
        let hanging = self.state.withLock { state in
            defer { state.hanging = [] }
            return state.hanging.compactMap { state.lines[$0] }
        }
        for line in hanging { line.drop() }
    }

    private func session(of chipID: String?) throws(LabError) -> LabSession {
        try self.state.withLock { state -> Result<LabSession, LabError> in
            guard let chipID else {
                let authenticated = state.sessions.values.filter { $0.isAuthenticated }
                guard authenticated.count == 1 else { return .failure(.notOne(authenticated: authenticated.count)) }
                return .success(authenticated[0])
            }
            guard let record = state.records[chipID] else { return .failure(.noStation(chipID: chipID)) }
            guard let session = record.session.flatMap({ state.sessions[$0] }), session.isAuthenticated else {
                return .failure(.notConnected(chipID: chipID))
            }
            return .success(session)
        }.get()
    }
}

extension LabSession {
    /// Suffers something.
    fileprivate func take(_ strike: LabStrike) async {
        switch strike {
        case .drop: self.line.drop()
        case .close(let code): self.connection.close(code, reason: "as told")
        case .text(let text): await self.send(text)
        case .binary(let size):
            // A connection that is over is none any more.
            try? await self.connection.send(.binary(ByteBuffer(repeating: 0xA5, count: max(0, size))))
        case .flood(let size): await self.send(String(repeating: "x", count: max(0, size)))
        }
    }
}
