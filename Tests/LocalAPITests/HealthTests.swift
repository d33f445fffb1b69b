import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Health and metrics")
struct HealthTests {
    private func settle(_ health: HealthBoard) {
        for component in HealthBoard.Component.allCases { health.report(component, .ok, "fine") }
    }

    @Test("Anybody gets the health, under both paths", arguments: ["/api/health", "/health", "/health?t=1"])
    func healthIsOpen(path: String) async throws {
        try await LocalAPIFixture.run { station in
            self.settle(station.health)
            station.health.report(.ble, .off, "not configured")
            let answer = try await station.stranger.get(path)
            let json = try answer.json
            #expect(answer.status == 200)
            #expect(json["status"] == "ok")
            #expect(json["version"] == "1.2.3")
            #expect(try #require(json["uptime"]?.doubleValue) >= 0)
            let checks = try #require(json["checks"]?.objectValue)
            #expect(checks.members.map(\.key) == ["store", "mqtt", "cloud", "ble", "clock"])
            #expect(json["checks", "ble"] == ["status": "off", "detail": "not configured"])
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Cache-Control"] == "no-store")
        }
    }

    @Test("A part that does not work makes the station degraded and nothing more")
    func degraded() async throws {
        try await LocalAPIFixture.run { station in
            self.settle(station.health)
            station.health.report(.mqtt, .failed, "the broker is away")
            let answer = try await station.stranger.get("/api/health")
            #expect(answer.status == 200)
            #expect(try answer.json["status"] == "degraded")
            #expect(try answer.json["checks", "mqtt", "detail"] == "the broker is away")
        }
    }

    @Test("An unusable store gives 503, still with every check")
    func storeFailed() async throws {
        try await LocalAPIFixture.run { station in
            self.settle(station.health)
            station.health.report(.store, .failed, "disk full")
            let answer = try await station.stranger.get("/api/health")
            #expect(answer.status == 503)
            #expect(try answer.json["status"] == "failed")
            #expect(try answer.json["checks", "store"] == ["status": "failed", "detail": "disk full"])
        }
    }

    @Test("Health answers although the store is gone")
    func healthWithoutStore() async throws {
        try await LocalAPIFixture.run { station in
            self.settle(station.health)
            try station.database.close()
            expectStatus(try await station.stranger.get("/api/health"), 200)
        }
    }

    @Test("A password in a check's detail is not shown")
    func healthMasksSecrets() async throws {
        try await LocalAPIFixture.run { station in
            station.health.report(.mqtt, .failed, "mqtt://bob:hunter2@broker:1883 refused us, mqtt://broker2 too")
            let answer = try await station.stranger.get("/api/health")
            #expect(
                try answer.json["checks", "mqtt", "detail"] == "mqtt://•••@broker:1883 refused us, mqtt://broker2 too"
            )
        }
    }

    @Test("Metrics are Prometheus text, open to this machine without a token")
    func metrics() async throws {
        try await LocalAPIFixture.run { station in
            station.metrics.gauge("station_test", help: "A gauge.") { 42 }
            _ = try await station.stranger.get("/api/health")
            let answer = try await station.stranger.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("station_test 42\n"))
            #expect(answer.text.contains("station_http_requests_total{status=\"2xx\"} 1\n"))
        }
    }

    @Test("HEAD gives the headers of GET and no body")
    func head() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.stranger.send("HEAD", "/api/health")
            #expect(answer.status == 200)
            #expect(try #require(answer["Content-Length"].flatMap { Int($0) }) > 0)
            #expect(answer.body.isEmpty)
            #expect(answer["X-Request-Id"] != nil)
        }
    }
}
