import StationTestSupport
import Testing
import WebFetch

@Suite("Fetching from the web")
struct WebFetchTests {
    /// Why nothing came; `nil` when something did.
    private static func fault(_ fetch: WebFetch) async -> WebFetchError? {
        do throws(WebFetchError) {
            _ = try await fetch.run()
            return nil
        } catch {
            return error
        }
    }

    private static func isFailed(_ fault: WebFetchError?) -> Bool {
        if case .failed(let detail)? = fault { !detail.isEmpty } else { false }
    }

    @Test("a body comes as it is, also an empty one")
    func body() async throws {
        try await WebServer.run { server in
            let hello = try await WebFetch(url: server.url("/ok")).run()
            #expect(String(decoding: hello, as: UTF8.self) == "hello")
            let nothing = try await WebFetch(url: server.url("/size/0")).run()
            #expect(nothing.isEmpty)
            let agent = try await WebFetch(url: server.url("/agent")).run()
            #expect(String(decoding: agent, as: UTF8.self) == "station-agent")
            let shouted = try await WebFetch(url: server.url("/ok").replacing("http:", with: "HTTP:")).run()
            #expect(shouted == hello)
        }
    }

    @Test("a body has a limit, whether its size is told or not")
    func limit() async throws {
        try await WebServer.run { server in
            let whole = try await WebFetch(url: server.url("/size/100000"), limit: 100_000).run()
            #expect(whole.count == 100_000)
            let tooLarge = await Self.fault(WebFetch(url: server.url("/size/100001"), limit: 100_000))
            #expect(tooLarge == .tooLarge(limit: 100_000))
            let usual = await Self.fault(WebFetch(url: server.url("/size/1048577")))
            #expect(usual == .tooLarge(limit: 1 << 20))
            let endless = await Self.fault(WebFetch(url: server.url("/endless")))
            #expect(endless == .tooLarge(limit: 1 << 20))
        }
    }

    @Test("nothing but 200 is an answer")
    func statuses() async throws {
        try await WebServer.run { try await Self.ask(for: [201, 204, 301, 304, 400, 403, 404, 500, 503], $0) }
    }

    private static func ask(for statuses: [Int], _ server: WebServer) async throws {
        for status in statuses {
            let fault = await Self.fault(WebFetch(url: server.url("/status/\(status)")))
            #expect(fault == .status(status))
        }
    }

    @Test("three redirections are followed, a fourth is not")
    func redirections() async throws {
        try await WebServer.run { server in
            let body = try await WebFetch(url: server.url("/hops/3")).run()
            #expect(String(decoding: body, as: UTF8.self) == "hello")
            let fault = await Self.fault(WebFetch(url: server.url("/hops/4")))
            #expect(fault == .tooManyRedirections)
            let elsewhere = await Self.fault(WebFetch(url: server.url("/to?file:///etc/hostname")))
            #expect(Self.isFailed(elsewhere), "\(String(describing: elsewhere))")
        }
    }

    @Test(
        "what is no address of the web is not asked for",
        arguments: [
            "", "127.0.0.1/keys", "ftp://127.0.0.1/keys", "file:///etc/hostname", "httpx://127.0.0.1", "http:/keys",
            "http://", "https://[", "http://127.0.0.1:99999/",
        ])
    func invalid(url: String) async {
        let fault = await Self.fault(WebFetch(url: url))
        #expect(fault == .invalidURL)
    }

    @Test("a server that hangs costs the time-out and no more")
    func hang() async throws {
        try await FakePeer.run(.silent) { peer in
            let fetch = WebFetch(url: "http://127.0.0.1:\(peer.port)/", timeout: .milliseconds(300))
            let fault = await Self.fault(fetch)
            #expect(fault == .timedOut)
        }
    }

    @Test("cancellation ends it")
    func cancellation() async throws {
        try await FakePeer.run(.silent) { peer in
            let fetch = WebFetch(url: "http://127.0.0.1:\(peer.port)/", timeout: .seconds(600))
            let task = Task { await Self.fault(fetch) }
            try await eventually("the request has been sent") { !peer.received.isEmpty }
            task.cancel()
            let fault = await task.value
            #expect(fault == .cancelled)
            let cancelled = Task { await Self.fault(fetch) }
            cancelled.cancel()
            let later = await cancelled.value
            #expect(later == .cancelled)
        }
    }

    @Test("a connection that cannot be, or breaks, is a failure with words for people")
    func broken() async throws {
        let nobody = await Self.fault(WebFetch(url: "http://user:geheim@127.0.0.1:\(LoopbackPort.unused())/"))
        #expect(Self.isFailed(nobody) && nobody?.description.contains("geheim") == false)
        let behaviours: [FakePeer.Behaviour] = [
            .hangsUp, .hangsUpAfterFirstBytes, .resets, .answers(Array("220 mail.example ESMTP\r\n".utf8)),
        ]
        for behaviour in behaviours {
            let fault = try await Self.fault(with: behaviour)
            #expect(Self.isFailed(fault), "\(behaviour): \(String(describing: fault))")
        }
        try await WebServer.run { server in
            let cut = await Self.fault(WebFetch(url: server.url("/cut")))
            #expect(Self.isFailed(cut))
        }
    }

    private static func fault(with behaviour: FakePeer.Behaviour) async throws -> WebFetchError? {
        try await FakePeer.run(behaviour) { peer in
            await Self.fault(WebFetch(url: "http://127.0.0.1:\(peer.port)/"))
        }
    }

    @Test("an address may have a password in it, and is not shown")
    func secrecy() {
        #expect(!"\(WebFetch(url: "https://user:geheim@issuer.example/"))".contains("geheim"))
    }

    @Test("over TLS the server must prove its name to an authority that is trusted")
    func verification() async throws {
        try await WebServer.run(isSecure: true) { server in
            let body = try await WebFetch(url: server.url("/ok"), caFile: server.caFile).run()
            #expect(String(decoding: body, as: UTF8.self) == "hello")
            let faults = [
                await Self.fault(WebFetch(url: server.url("/ok"))),
                await Self.fault(WebFetch(url: server.url("/ok"), caFile: server.otherCAFile)),
                await Self.fault(WebFetch(url: server.url("/ok", host: "localhost"), caFile: server.caFile)),
                await Self.fault(WebFetch(url: server.url("/ok"), caFile: "/nonexistent/ca.pem")),
            ]
            #expect(faults.count(where: Self.isFailed) == 4, "\(faults)")
        }
    }

    @Test("a redirection does not lead from https to http, and may the other way")
    func downgrade() async throws {
        try await WebServer.run { plain in
            try await WebServer.run(isSecure: true) { secure in
                let down = await Self.fault(
                    WebFetch(url: secure.url("/to?\(plain.url("/ok"))"), caFile: secure.caFile))
                #expect(Self.isFailed(down), "\(String(describing: down))")
                let up = try await WebFetch(url: plain.url("/to?\(secure.url("/ok"))"), caFile: secure.caFile).run()
                #expect(String(decoding: up, as: UTF8.self) == "hello")
            }
        }
    }
}
