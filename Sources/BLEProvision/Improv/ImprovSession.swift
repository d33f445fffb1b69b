import StationCore

/// Performs what the machine asks for over one link.
struct ImprovSession<Link: GATTLink>: Sendable {
    typealias Event = ImprovStateMachine.Event

    private struct Streams: Sendable {
        let error: AsyncStream<[UInt8]>
        let result: AsyncStream<[UInt8]>
        let state: AsyncStream<[UInt8]>
    }

    /// More than a device ever says in one session.
    private static var backlog: Int { 64 }

    let link: Link
    let clock: any StationClock
    let limits: ImprovLimits
    let frame: ImprovFrame
    let progress: @Sendable (DialectProgress) -> Void

    func run() async throws(ProvisioningFault) -> ProvisioningOutcome {
        let streams = try await self.subscribe()
        let (events, inlet) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(Self.backlog))
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.forward(streams, to: inlet) }
            let result = await self.follow(events, inlet)
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    /// Everything is heard before anything is written: a device tells only what changes.
    private func subscribe() async throws(ProvisioningFault) -> Streams {
        do throws(GATTError) {
            let error = try await self.link.notifications(of: ImprovUUID.error)
            let result = try await self.link.notifications(of: ImprovUUID.result)
            let state = try await self.link.notifications(of: ImprovUUID.state)
            return Streams(error: error, result: result, state: state)
        } catch {
            throw ProvisioningFault(error)
        }
    }

    private func follow(
        _ events: AsyncStream<Event>, _ inlet: AsyncStream<Event>.Continuation
    ) async -> Result<ProvisioningOutcome, ProvisioningFault> {
        var machine = ImprovStateMachine()
        let timer = ImprovTimer(clock: self.clock, inlet: inlet)
        defer { timer.stop() }
        timer.start(self.limits.start)
        do throws(GATTError) {
            inlet.yield(Self.stateEvent(try await self.link.read(ImprovUUID.state)))
            for await event in events {
                // A cancelled task's streams end as those of a lost link do.
                if Task.isCancelled { break }
                if let outcome = try await self.perform(machine.handle(event), timer) { return outcome }
            }
        } catch {
            return .failure(ProvisioningFault(error))
        }
        return .failure(ProvisioningFault(.cancelled))
    }

    /// - Returns: The end, once it is one.
    private func perform(
        _ action: ImprovStateMachine.Action, _ timer: ImprovTimer
    ) async throws(GATTError) -> Result<ProvisioningOutcome, ProvisioningFault>? {
        switch action {
        case .wait: break
        case .askForButton:
            self.progress(.waitingForButton)
            timer.start(self.limits.button)
        case .send:
            self.progress(.writing)
            timer.stop()
            try await self.send()
            self.progress(.waitingForDevice)
            timer.start(self.limits.attempt)
        case .awaitAttempt: timer.start(self.limits.attempt)
        case .awaitResult: timer.start(self.limits.result)
        case .succeed(let next): return .success(.joinedWiFi(next: next))
        case .settleElsewhere: return .success(.unconfirmed)
        case .fail(let kind, let detail): return .failure(ProvisioningFault(kind, detail: detail))
        }
        return nil
    }

    private func send() async throws(GATTError) {
        for part in self.frame.parts {
            do throws(GATTError) {
                try await self.link.write(ImprovUUID.command, part, withResponse: true)
            } catch {
                // The device may have stored the part all the same; its state tells, or its error.
                if error.kind != .unlikely { throw error }
            }
        }
    }

    /// The link is lost only when everything that came over it has been passed on: the streams end together, and its
    /// loss means something else after the last state than before.
    private func forward(_ streams: Streams, to inlet: AsyncStream<Event>.Continuation) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.forward(streams.error, to: inlet) { Self.errorEvent($0) } }
            group.addTask { await Self.forward(streams.state, to: inlet) { Self.stateEvent($0) } }
            group.addTask { await self.forwardResults(streams.result, to: inlet) }
        }
        inlet.yield(.linkLost)
    }

    private static func forward(
        _ values: AsyncStream<[UInt8]>, to inlet: AsyncStream<Event>.Continuation, _ event: ([UInt8]) -> Event
    ) async {
        for await value in values { inlet.yield(event(value)) }
    }

    private func forwardResults(_ values: AsyncStream<[UInt8]>, to inlet: AsyncStream<Event>.Continuation) async {
        for await value in values {
            guard let frame = await self.whole(value), frame.command == self.frame.command else { continue }
            inlet.yield(.result(next: frame.strings.first.map { String(decoding: $0, as: UTF8.self) }))
        }
    }

    /// A notification holds no more than the MTU allows; the rest of a long result is read. A result that makes no
    /// sense does not undo that there is one.
    private func whole(_ value: [UInt8]) async -> ImprovFrame? {
        do throws(ImprovFrame.Fault) {
            return try ImprovFrame(reading: value)
        } catch {
            guard error == .truncated, value.count >= ImprovFrame.partLength else { return nil }
            guard let read = try? await self.link.read(ImprovUUID.result) else { return nil }
            return try? ImprovFrame(reading: read)
        }
    }

    private static func stateEvent(_ value: [UInt8]) -> Event {
        .state(value.first.flatMap { ImprovState(rawValue: $0) })
    }

    private static func errorEvent(_ value: [UInt8]) -> Event {
        .error(ImprovError(value.first ?? 0))
    }
}
