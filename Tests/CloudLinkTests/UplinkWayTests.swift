import CloudLink
import NIOSSL
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("The way to the cloud: TLS and proxies (contract 4)", .timeLimit(.minutes(2)))
struct UplinkWayTests {
    private static func context(_ name: String, in directory: TemporaryDirectory) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(directory.path("\(name).pem"))
        let key = try NIOSSLPrivateKey(file: directory.path("\(name).key"), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)
            )
        )
    }

    private static func cloud(_ body: @escaping @Sendable (SocketListener) async throws -> Void) async throws {
        try await SocketListener.run(receive: { try? await $1.send(#"{"type":"auth_ok"}"#) }) { cloud in
            try await body(cloud)
        }
    }

    /// Runs a station towards a cloud with TLS.
    private static func secured(
        host: String = "127.0.0.1", certifiedFor name: String = "IP:127.0.0.1", trusts ca: String? = "cloud-ca.pem",
        _ body: @escaping @Sendable (LinkLab) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            try Certificates.make("cloud", in: directory.url, host: name)
            let context = try Self.context("cloud", in: directory)
            let file = ca.map { directory.path($0) }
            try await Self.cloud { cloud in
                try await LinkFront.run(.tls(context), to: cloud.port) { front in
                    let port = front.port
                    try await LinkLab.run(
                        configure: { configuration in
                            configuration = CloudLinkConfiguration(host: host, port: port, caFile: file)
                        }, body
                    )
                }
            }
        }
    }

    @Test(
        "TLS with an authority of one's own",
        arguments: [("127.0.0.1", "IP:127.0.0.1"), ("localhost", "DNS:localhost")])
    func secured(_ host: String, _ name: String) async throws {
        try await Self.secured(host: host, certifiedFor: name) { lab in
            try await lab.reach(.authenticated)
        }
    }

    @Test("A certificate that nobody vouches for is refused and told with a hint at the clock, once an hour")
    func unknownAuthority() async throws {
        try await Self.secured(trusts: nil) { lab in
            try await lab.reach(.offline)
            let reason = try #require(lab.uplink.status.lastError)
            #expect(reason.hasPrefix("the cloud's certificate is not accepted: no known authority"))
            for _ in 0..<3 { try await lab.retry() }
            let complaint = "the cloud's certificate is not accepted; is the station's clock right?"
            #expect(lab.log.lines(complaint).count == 1)
            #expect(lab.cloud.requests.isEmpty)
        }
    }

    @Test(
        "A certificate for another name is refused",
        arguments: [("localhost", "DNS:example.org"), ("127.0.0.1", "IP:127.0.0.2"), ("localhost", "IP:127.0.0.1")]
    )
    func wrongName(_ host: String, _ name: String) async throws {
        try await Self.secured(host: host, certifiedFor: name) { lab in
            try await lab.reach(.offline)
            #expect(lab.uplink.status.lastError == "the cloud's certificate is not accepted: it is for another name")
        }
    }

    @Test("A CA file that cannot be read is a fault that is told, not a way around verification")
    func missingAuthority() async throws {
        try await Self.secured(trusts: "nothing.pem") { lab in
            try await lab.reach(.offline)
            #expect(lab.uplink.status.lastError?.contains("nothing.pem (CLOUD_CA_FILE)") == true)
        }
    }

    @Test("Through a proxy, with its login", arguments: [nil, "user:p@ss"])
    func proxied(_ login: String?) async throws {
        try await Self.cloud { cloud in
            let authorization = login.map { _ in "Basic dXNlcjpwQHNz" }
            try await LinkFront.run(.proxy(authorization: authorization), to: cloud.port) { front in
                let words = login?.split(separator: ":").map(String.init)
                let proxy = try SocketProxy(
                    host: "127.0.0.1", port: front.port, user: words?[0], password: Secret(words?[1] ?? "")
                )
                try await LinkLab.run(configure: { configuration in
                    configuration = CloudLinkConfiguration(host: "cloud.invalid", port: 444, useTLS: false)
                    configuration.proxy = proxy
                }) { lab in
                    try await lab.reach(.authenticated)
                }
                let head = try #require(front.requests.first)
                #expect(head.firstLine == "CONNECT cloud.invalid:444 HTTP/1.1")
                #expect(head.values("host") == ["cloud.invalid:444"])
                #expect(cloud.requests.first?.values("host") == ["cloud.invalid:444"])
            }
        }
    }

    @Test("TLS goes through a proxy to the cloud, whose name is verified")
    func securedAndProxied() async throws {
        try await TemporaryDirectory.run { directory in
            try Certificates.make("cloud", in: directory.url, host: "DNS:cloud.invalid")
            let context = try Self.context("cloud", in: directory)
            try await Self.cloud { cloud in
                try await LinkFront.run(.tls(context), to: cloud.port) { front in
                    try await Self.through(front.port, trusting: directory.path("cloud-ca.pem"))
                }
            }
        }
    }

    private static func through(_ port: Int, trusting file: String) async throws {
        try await LinkFront.run(.proxy(authorization: nil), to: port) { proxy in
            let way = try SocketProxy(host: "127.0.0.1", port: proxy.port)
            try await LinkLab.run(configure: { configuration in
                configuration = CloudLinkConfiguration(host: "cloud.invalid", port: 443, caFile: file, proxy: way)
            }) { lab in
                try await lab.reach(.authenticated)
            }
        }
    }

    @Test("A proxy that refuses is told as such, without the login")
    func refusedByProxy() async throws {
        try await LinkFront.run(.proxy(authorization: "Basic other"), to: 1) { front in
            let proxy = try SocketProxy(host: "127.0.0.1", port: front.port, user: "u", password: Secret("pa55"))
            try await LinkLab.run(configure: { $0.proxy = proxy }) { lab in
                try await lab.reach(.offline)
                #expect(
                    lab.uplink.status.lastError
                        == "the proxy refused the connection: HTTP/1.1 407 Who are you"
                )
                #expect(!"\(proxy)".contains("pa55"))
            }
        }
    }

    @Test(
        "The environment names the proxy as it does for curl",
        arguments: [
            (["HTTPS_PROXY": "http://proxy:3128"], "the proxy proxy:3128"),
            (["https_proxy": "http://small", "HTTPS_PROXY": "http://big"], "the proxy small:80"),
            (["HTTPS_PROXY": "proxy:1"], "the proxy proxy:1"),
            (["HTTPS_PROXY": "http://a%40b:c%3Ad@[::1]:8080/"], "the proxy [::1]:8080"),
            (["HTTPS_PROXY": ""], nil), ([:], nil), (["HTTP_PROXY": "http://proxy"], nil),
            (["https_proxy": "", "HTTPS_PROXY": "http://big"], nil),
            (["HTTPS_PROXY": "p", "NO_PROXY": "*"], nil),
            (["HTTPS_PROXY": "p", "NO_PROXY": "a, Cloud.Example.org"], nil),
            (["HTTPS_PROXY": "p", "NO_PROXY": "example.org"], nil),
            (["HTTPS_PROXY": "p", "no_proxy": ".example.org"], nil),
            (["HTTPS_PROXY": "p", "no_proxy": "*.example.org"], nil),
            (["HTTPS_PROXY": "p", "no_proxy": "example.org:443"], nil),
            (["HTTPS_PROXY": "p", "no_proxy": "example.org:444"], "the proxy p:80"),
            (["HTTPS_PROXY": "p", "no_proxy": "ample.org,org.,cloud"], "the proxy p:80"),
            (["HTTPS_PROXY": "p", "no_proxy": "", "NO_PROXY": "*"], "the proxy p:80"),
        ] as [([String: String], String?)]
    )
    func environment(_ environment: [String: String], _ expected: String?) throws {
        let proxy = try ProxySetting.proxy(toHost: "cloud.example.org", port: 443, environment: environment)
        #expect(proxy?.description == expected)
    }

    @Test(
        "A setting that cannot be understood is a fault that does not show it",
        arguments: [
            "https://user:pa55@proxy", "socks5://pa55@proxy", "http://u:pa55%zz@proxy", "http://u:pa55@proxy:port",
            "http://u:pa55@proxy:0", "http://u:pa55@", "http://u:pa55@proxy/path", "http://u:pa55@[::1]x",
            "http://u:pa55%0a@proxy", "http://u%3a:pa55@proxy",
        ]
    )
    func faults(_ text: String) {
        let error = #expect(throws: ProxySetting.Fault.self) {
            try ProxySetting.proxy(toHost: "cloud", port: 443, environment: ["HTTPS_PROXY": text])
        }
        #expect(error?.name == "HTTPS_PROXY")
        #expect(error?.description.contains("pa55") == false)
    }
}
