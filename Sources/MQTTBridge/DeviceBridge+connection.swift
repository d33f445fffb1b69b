import Logging
import MQTTTransport
import StationCore
import StationData

extension DeviceBridge {
    /// Connects, waits for the end, pauses, and so on until the task is cancelled.
    func stayConnected() async {
        var backoff = Backoff(base: self.configuration.retryBase, limit: self.configuration.retryLimit)
        var localBackoff = Backoff(base: self.configuration.retryBase, limit: self.configuration.localRetryLimit)
        while !Task.isCancelled {
            let begin = self.clock.now
            let error = await self.holdOneConnection()
            self.readiness.reach(.bridgeTried)
            guard !Task.isCancelled else { break }
            if begin.duration(to: self.clock.now) >= self.configuration.stablePeriod {
                backoff.reset()
                localBackoff.reset()
            }
            let isLocalAndAway = self.configuration.endpoint.isLoopback && error?.isConnectionRefused == true
            let pause = isLocalAndAway ? localBackoff.next() : backoff.next()
            await self.clock.pause(for: pause)
        }
        self.link.clear(because: "the agent is stopping")
        self.projection.disconnected()
        self.hub.noteBroker(isConnected: false)
    }

    /// One connection from its beginning to its end. Returns why it ended; `nil` when we were told to stop.
    private func holdOneConnection() async -> MQTTError? {
        do throws(MQTTError) {
            let connection = try await MQTTConnection.open(
                on: self.loop, to: self.configuration.endpoint, options: self.connectionOptions
            ) { [weak self] message in
                self?.receive(message)
            }
            let error = await self.use(connection)
            await connection.close()
            if let error { throw error }
            return nil
        } catch {
            // Told to stop in the middle of an attempt: that says nothing about the broker.
            guard !Task.isCancelled else { return nil }
            let isNews = self.link.clear(because: error.description)
            self.projection.disconnected()
            self.hub.noteBroker(isConnected: false)
            self.health.report(.mqtt, .degraded, "\(error); trying again")
            if isNews { self.logger.warning("the broker is away", metadata: ["error": "\(error)"]) }
            return error
        }
    }

    private var connectionOptions: MQTTConnectionOptions {
        MQTTConnectionOptions(
            clientID: "station-agent-\(self.configuration.stationID)", username: self.configuration.username,
            password: self.configuration.password, connectDeadline: self.configuration.answerDeadline,
            publishDeadline: self.configuration.answerDeadline, maximumPayload: BrokerControl.maximumAnswer
        )
    }

    /// Subscribes, proves the path, and lets it be used until it ends. Returns why it ended; `nil` when the task was
    /// cancelled.
    private func use(_ connection: MQTTConnection) async -> MQTTError? {
        do throws(MQTTError) {
            try await connection.subscribe(self.dialects.flatMap(\.subscriptions) + [self.pingTopic])
            try await self.prove(connection)
        } catch {
            return error
        }
        self.link.set(connection)
        self.hub.noteBroker(isConnected: true)
        self.metrics.count(.connections)
        self.condition.report(nil)
        await self.askForAdministration(connection)
        self.readiness.reach(.bridgeTried)
        self.logger.notice("connected to the broker", metadata: ["broker": "\(self.configuration.endpoint)"])
        do {
            return try await connection.closed ?? .closed
        } catch {
            return nil
        }
    }

    /// Administers the broker's logins, and hears whom it refuses, where it lets us.
    private func askForAdministration(_ connection: MQTTConnection) async {
        for (topic, isAllowed) in [
            (BrokerControl.answerTopic, { self.projection.connected(connection) }), (RefusalWatch.topic, {}),
        ] {
            do throws(MQTTError) {
                try await connection.subscribe([topic])
                isAllowed()
            } catch {
                // What ends the connection shows as its end, and says nothing of what the broker offers.
                guard case .subscriptionRefused = error else { return }
                self.logger.info("the broker does not let us", metadata: ["topic": "\(topic)", "error": "\(error)"])
                if topic == BrokerControl.answerTopic { self.projection.isNotOffered() }
            }
        }
    }

    /// Sends a message to ourselves and waits for it: only then is it sure that publishing and receiving work.
    private func prove(_ connection: MQTTConnection) async throws(MQTTError) {
        let nonce = Array(CommandID.make(at: self.clock.wallTime).description.utf8)
        let arrival = self.link.expectPing(nonce)
        try await connection.publish(MQTTMessage(topic: self.pingTopic, payload: nonce))
        let limit = self.configuration.answerDeadline
        guard await self.link.waitForPing(arrival, within: limit, on: self.clock) else {
            let what = "a message to ourselves (\(self.pingTopic)) did not come back in \(limit)"
            throw Task.isCancelled ? .cancelled : .timedOut(what: what)
        }
    }
}
