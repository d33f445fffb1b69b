import NIOCore
import NIOPosix
import StationCore
public import StationSocket
import Synchronization

/// Connections, from the listening socket to their end.
extension LabCloud {
    /// Results of `devices.snapshot` are the biggest that stations send.
    private static let limits = SocketLimits(
        frameSize: 8 << 20, messageSize: 8 << 20, controlFrames: TokenBucket.Limit(perSecond: 100, burst: 1_000)
    )
    private static let backlog: Int32 = 4_096

    /// Listens, at first and after `leave`; no effect while it does.
    ///
    /// - Throws: `LabError.cannotListen`, such as when somebody else has taken the port.
    public func comeBack() async throws(LabError) {
        let (wasOpen, port) = self.listener.withLock { listener in
            defer { listener.isOpen = true }
            return (listener.isOpen, listener.port)
        }
        guard !wasOpen else { return }
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: Self.backlog)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.admit(channel) }
                }
                .bind(host: self.host, port: port).get()
            self.listener.withLock { listener in
                listener.channel = channel
                listener.port = channel.localAddress?.port ?? port
            }
        } catch {
            self.listener.withLock { $0.isOpen = false }
            throw .cannotListen("\(self.host):\(port): \(error)")
        }
        self.note(.note, "listening", nil)
    }

    /// Stops listening and ends all connections, as a process does that is killed; with a code, as one that is asked
    /// to stop. Its books stay.
    public func leave(_ code: SocketCloseCode? = nil) async {
        self.note(.note, "gone", nil)
        let channel = self.listener.withLock { listener in
            listener.isOpen = false
            defer { listener.channel = nil }
            return listener.channel
        }
        // Fails only where it is closed already.
        try? await channel?.close()
        if let code { await self.part(code) }
        for line in self.state.withLock({ Array($0.lines.values) }) { line.drop() }
    }

    /// Stops listening and closes all connections with 1001, as a cloud does that is asked to stop.
    public func stop() async {
        await self.leave(.goingAway)
    }

    /// Closes all WebSockets politely and waits for their end, which their timing limits.
    private func part(_ code: SocketCloseCode) async {
        let sessions = self.state.withLock { Array($0.sessions.values) }
        for session in sessions { session.connection.close(code, reason: "the cloud restarts") }
        for session in sessions where !session.line.isMute {
            try? await session.line.channel.closeFuture.get()
        }
    }

    /// Is away as often and as long as it was told to over HTTP.
    func takeLeave() async {
        for await absence in self.absenceOutput {
            await self.leave(absence.code)
            // Cancelled: the lab is over, and it stays away.
            guard await self.clock.pause(for: absence.pause) else { return }
            do {
                try await self.comeBack()
            } catch {
                self.note(.note, .string("not back: \(error)"), nil)
            }
        }
    }

    // MARK: - Arrivals

    /// Takes a new connection into the books and begins to read what it wants; on its event loop.
    private func admit(_ channel: any Channel) throws {
        let line = self.state.withLock { state in
            let line = LabLine(number: state.nextNumber(), channel: channel)
            state.lines[line.number] = line
            return line
        }
        channel.closeFuture.whenComplete { _ in self.forget(line) }
        guard self.listener.withLock({ $0.isOpen }) else { return line.drop() }
        let input = self.arrivalInput
        try channel.pipeline.syncOperations.addHandlers([
            LineGate(line), RequestReader { request in input.yield(LabArrival(line: line, request: request)) },
        ])
    }

    private func forget(_ line: LabLine) {
        self.state.withLock { state in
            state.lines[line.number] = nil
            state.hanging.remove(line.number)
        }
    }

    /// Serves all connections until the cloud is at its end.
    func serve() async {
        await withDiscardingTaskGroup { group in
            for await arrival in self.arrivals {
                group.addTask { await self.serve(arrival) }
            }
            group.cancelAll()
        }
    }

    private func serve(_ arrival: LabArrival) async {
        guard arrival.request.isForStation else {
            let response = await self.response(to: arrival.request)
            return await self.answer(response, on: arrival.line)
        }
        let now = self.clock.now
        let habits = self.state.withLock { state in
            state.arrivals.append(now)
            if state.habits.hangs { state.hanging.insert(arrival.line.number) }
            return state.habits
        }
        // The line stays until the station gives up or the lab is told otherwise.
        if habits.hangs { return }
        if let status = habits.refusal {
            return await self.answer(LabResponse(status, ["error": "as told"]), on: arrival.line)
        }
        arrival.line.isMute = habits.isHalfOpen
        await self.serveStation(arrival)
    }

    private func answer(_ response: LabResponse, on line: LabLine) async {
        // A client that has gone needs no answer.
        try? await line.channel.writeAndFlush(response.bytes)
        line.drop()
    }

    private func serveStation(_ arrival: LabArrival) async {
        let request = arrival.request
        var answer = "HTTP/1.1 101 Switching Protocols\r\n"
        do throws(SocketRefusal) {
            let fields = try SocketHandshake.accept(
                method: request.method, httpVersion: request.version, values: request.head.values
            )
            for field in fields { answer += "\(field.name): \(field.value)\r\n" }
        } catch {
            let response = LabResponse(error.status, ["error": .string("\(error)")], fields: error.fields)
            return await self.answer(response, on: arrival.line)
        }
        let timing = SocketTiming(heartbeat: self.options.heartbeat, closing: .seconds(2))
        let connection = SocketConnection(
            role: .server, limits: Self.limits, timing: timing, capacity: 1_024, clock: self.clock
        )
        let session = LabSession(number: arrival.line.number, line: arrival.line, connection: connection, cloud: self)
        self.state.withLock { $0.sessions[session.number] = session }
        self.note(.opened, .string(request.head.firstLine), session)
        let ending = await Self.speak(connection, ByteBuffer(string: answer + "\r\n"), session)
        session.end()
        self.note(.closed, .string("\(ending)"), session)
        self.state.withLock { $0.ended(session) }
    }

    /// Sends the consent and then speaks WebSocket until the end.
    private static func speak(
        _ connection: SocketConnection, _ consent: ByteBuffer, _ session: LabSession
    ) async -> SocketEnding {
        let channel = session.line.channel
        do {
            let client = try await channel.eventLoop.submit {
                let client = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                channel.writeAndFlush(consent, promise: nil)
                return client
            }.get()
            return try await client.executeThenClose { inbound, outbound in
                await connection.run(
                    inbound: inbound, write: { try await outbound.write($0) }, drop: { channel.close(promise: nil) },
                    receive: { await session.receive($0) }
                )
            }
        } catch {
            return .lost(detail: "\(error)")
        }
    }
}
