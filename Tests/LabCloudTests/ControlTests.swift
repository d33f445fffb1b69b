import LabCloud
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("The lab cloud over HTTP")
struct ControlTests {
    @Test("Claim, call, messages and what happened, all with plain requests")
    func wholeLife() async throws {
        try await LabCloud.run { lab in
            let http = HTTPProbe(port: lab.port)
            let token = try await LabClient.run(lab) { client in
                try await client.handshake("chip", secret: "right")
                try await ClaimTests.waits(lab, "chip")
                let wrong = try await http.post("/lab/claim", json: ["chipId": "chip", "claimSecret": "wrong"])
                #expect(wrong.status == 403)
                let right = try await http.post("/lab/claim", json: ["chipId": "chip", "claimSecret": "right"])
                #expect(right.status == 200)
                let rightJSON = try right.json
                #expect(rightJSON["told"] == true)
                return try await ClaimTests.token(client)
            }
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                let call = Task {
                    try await http.post("/lab/rpc", json: ["method": "device_types.list", "params": [:]])
                }
                try await client.answer("device_types.list", "result", ["deviceTypes": []])
                let called = try await call.value.json
                #expect(called["result", "deviceTypes"] == [])
                let message: JSONValue = ["type": "station_renamed", "name": "Haus"]
                let sent = try await http.post("/lab/legacy", json: ["message": message])
                #expect(sent.status == 200)
                try await client.message("type", "station_renamed")
                let raw = try await http.post("/lab/send", json: ["text": "[]", "chipId": "chip"])
                let rawJSON = try raw.json
                #expect(rawJSON["stations"] == 1)
                try await eventually("the text is there") { client.received.last == "[]" }
                let stations = try await http.get("/lab/stations").json["stations"]?.arrayValue ?? []
                #expect(stations.count == 1)
                #expect(stations.first?["state"] == "authenticated")
                #expect(stations.first?["claimed"] == true)
                let log = try await http.get("/lab/log?chipId=chip&limit=500")
                #expect(!log.text.contains(token.revealed))
                #expect(!log.text.contains("right"))
                #expect(log.text.contains("station_renamed"))
                let next = try log.json["next"]
                let rest = try await http.get("/lab/log?chipId=chip&after=\(next?.description ?? "")")
                let restJSON = try rest.json
                #expect(restJSON["entries"] == [])
            }
        }
    }

    @Test("Misbehaviour by name, and back to good health")
    func misbehave() async throws {
        try await RPCTests.withStation { lab, client in
            let http = HTTPProbe(port: lab.port)
            let never = try await http.post("/lab/misbehave", json: ["kind": "neverAck", "chipIds": ["chip"]])
            #expect(never.status == 200)
            try await client.send(RPCTests.alert("e-1"))
            try await eventually("it is there") { lab.station("chip")?.notifications["alert.opened"] == 1 }
            let none = try await http.post("/lab/misbehave", json: ["kind": "none"])
            #expect(none.status == 200)
            try await client.send(RPCTests.alert("e-2"))
            try await eventually("it is acknowledged") { RPCTests.acknowledged(client) == ["e-2"] }
            let closed = try await http.post("/lab/misbehave", json: ["kind": "close", "code": 1013])
            let closedJSON = try closed.json
            #expect(closedJSON["stations"] == 1)
            guard case .closedByPeer(let code, _) = try await client.end() else {
                Issue.record("\(String(describing: client.ending))")
                return
            }
            #expect(code.description == "1013")
        }
    }

    @Test("A cloud that leaves for a while comes back by itself")
    func leave() async throws {
        let clock = ManualClock()
        try await LabCloud.run(clock: clock) { lab in
            let http = HTTPProbe(port: lab.port)
            let answer = try await http.post("/lab/leave", json: ["seconds": 30])
            #expect(answer.status == 200)
            try await eventually("it is gone") { clock.sleeperCount == 1 }
            await #expect(throws: (any Error).self) { try await http.get("/lab/stations") }
            clock.advance(by: .seconds(30))
            try await eventually("it is back") { (try? await http.get("/lab/stations").status) == 200 }
        }
    }

    @Test(
        "What makes no sense is refused with a reason",
        arguments: [
            ("POST", "/lab/claim", "{}", 400), ("POST", "/lab/claim", #"{"chipId":"a","word":"x"}"#, 400),
            ("POST", "/lab/claim", #"{"chipId":"a b"}"#, 400), ("POST", "/lab/claim", "{no json", 400),
            ("POST", "/lab/claim", "[]", 400), ("POST", "/lab/revoke", #"{"chipId":"a"}"#, 404),
            ("POST", "/lab/reset", #"{"chipId":"a"}"#, 404), ("POST", "/lab/rpc", #"{"method":"x"}"#, 409),
            ("POST", "/lab/rpc", #"{"method":"x","chipId":"a"}"#, 404),
            ("POST", "/lab/rpc", #"{"method":"x","seconds":-1}"#, 400), ("POST", "/lab/legacy", "{}", 400),
            ("POST", "/lab/misbehave", #"{"kind":"nicely"}"#, 400),
            ("POST", "/lab/misbehave", #"{"kind":"hang","chipIds":["a"]}"#, 400),
            ("POST", "/lab/misbehave", #"{"kind":"close","code":1005}"#, 400),
            ("POST", "/lab/misbehave", #"{"kind":"slow","seconds":"x"}"#, 400),
            ("POST", "/lab/misbehave", #"{"kind":"wrongToken","answer":"ok"}"#, 400),
            ("POST", "/lab/leave", #"{"code":1005}"#, 400), ("POST", "/lab/other", "{}", 404),
            ("GET", "/lab/other", "", 404), ("GET", "/", "", 404), ("DELETE", "/lab/stations", "", 405),
            ("GET", "/ws/station", "", 426),
        ]
    )
    func refusals(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
        try await LabCloud.run { lab in
            let answer = try await HTTPProbe(port: lab.port).send(method, path, body: Array(body.utf8))
            #expect(answer.status == status)
            let reason = try answer.json["error"]?.stringValue
            #expect(reason?.isEmpty == false)
        }
    }

    @Test("Pages of the web, endless heads and huge bodies have no business here")
    func strangers() async throws {
        try await LabCloud.run { lab in
            let http = HTTPProbe(port: lab.port)
            let page = try await http.send("GET", "/lab/stations", headers: ["Origin": "http://example.com"])
            #expect(page.status == 403)
            let huge = try await http.send("POST", "/lab/send", headers: ["Content-Length": "99999999"])
            #expect(huge.status == 400)
            let chunked = try await http.send("POST", "/lab/send", headers: ["Transfer-Encoding": "chunked"])
            #expect(chunked.status == 400)
            let long = try await http.send("GET", "/lab", headers: ["X": String(repeating: "x", count: 20_000)])
            #expect(long.status == 400)
            let odd = try await RawConnection.run(port: lab.port, sending: "nonsense\r\n\r\n") { connection in
                try await connection.answer()
            }
            #expect(odd.status == 400)
        }
    }
}
