// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target: the compiler reviews first.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// Each dependency with the reason for its being here; everything else we would have to write ourselves.
let dependencies: [Package.Dependency] = [
    // Command line: sub-commands, help, completions.
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    // Deque for bounded queues, Heap for timers.
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    // Configuration from environment, file and credentials with one precedence rule.
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
    // SHA-256 for device tokens, PBKDF2 as the broker has it.
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    // Structured logs.
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    // Header fields and status codes of the HTTP API.
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    // Event loops and sockets under the HTTP API.
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    // SQLite with a serial writer, concurrent readers and migrations. Links full Foundation and so ICU.
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    // HTTP server and router; without FullFoundation, which only its date formatting needs.
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
    // Adapters between NIO's HTTP/1 pipeline and HTTPTypes: the WebSocket tunnel removes them from a connection.
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
    // TLS for the LAN (and later the cloud link).
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    // JSON Web Tokens: HS256 for the station's own, RS256 and ES256 for those of an issuer.
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    // Start, signals and graceful stop of the long-running parts.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    // The configuration file, with the line of every key for messages; swift-configuration itself tells no lines.
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let targets: [Target] = [
    // C, each behind exactly one Swift module (scripts/check holds the fence).
    .systemLibrary(name: "CBluetooth", pkgConfig: "bluez", providers: [.apt(["libbluetooth-dev"])]),
    .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CDBus", pkgConfig: "dbus-1", providers: [.apt(["libdbus-1-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),

    // Values and rules; no socket, file or thread.
    .target(name: "StationCore", dependencies: [logging, collections]),
    // The only door to SQLite.
    .target(name: "StationData", dependencies: ["StationCore", crypto, cryptoExtras, grdb, logging]),
    // Threads of the system, and one that is an executor and an epoll loop: C libraries live on it.
    .target(name: "PollLoop", dependencies: ["CLinux", heap]),
    // libmosquitto as async Swift; knows no devices.
    .target(name: "MQTTTransport", dependencies: ["CMosquitto", "PollLoop", "StationCore", collections]),
    // libdbus as async Swift; knows no BlueZ.
    .target(name: "SystemBus", dependencies: ["CDBus", "PollLoop"]),
    // libbluetooth as Swift: the Bluetooth controllers of the kernel, without D-Bus.
    .target(name: "HostRadio", dependencies: ["CBluetooth"]),
    // Devices over MQTT: dialects, inbox, connection life.
    .target(
        name: "MQTTBridge",
        dependencies: [
            "StationCore", "StationData", "MQTTTransport", "PollLoop", collections, logging, serviceLifecycle,
        ]
    ),
    // Factory-new ESP32s over Bluetooth LE: BlueZ, three dialects of provisioning, and the path from found to online.
    .target(
        name: "BLEProvision",
        dependencies: [
            "PollLoop", "StationCore", "StationData", "SystemBus", collections, crypto, cryptoExtras, logging,
            serviceLifecycle,
        ]
    ),
    // The host over D-Bus: NetworkManager, logind, its own facts, and its announcement on the LAN through Avahi.
    .target(name: "HostControl", dependencies: ["PollLoop", "StationCore", "SystemBus", logging]),
    // Passwords, tokens, sessions, invitations, throttling; the API and the command line share it.
    .target(name: "Accounts", dependencies: ["CCrypt", "StationCore", "StationData", crypto, jwtKit, logging]),
    // One transfer of libcurl as Swift: options, callbacks, errors.
    .target(name: "CurlHandle", dependencies: ["CCurl", "StationCore"]),
    // A bounded GET over HTTP, for the keys of a token issuer.
    .target(name: "WebFetch", dependencies: ["CurlHandle", "PollLoop", "StationCore"]),
    // E-mail over SMTP through libcurl; knows no accounts.
    .target(name: "StationMail", dependencies: ["CurlHandle", "PollLoop", "StationCore", logging, serviceLifecycle]),
    // WebSocket (RFC 6455) as values and a codec, for both sides; knows no devices.
    .target(name: "StationSocket", dependencies: ["StationCore", collections, crypto, nioCore, nioPosix]),
    // HTTP and WebSockets for the LAN.
    .target(
        name: "LocalAPI",
        dependencies: [
            "Accounts", "StationCore", "StationData", "StationSocket", crypto, httpTypes, hummingbird, hummingbirdCore,
            hummingbirdTLS, logging, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL,
            serviceLifecycle,
        ]
    ),
    // The link to the cloud: claiming, JSON-RPC, identity, what flows out.
    .target(
        name: "CloudLink",
        dependencies: [
            "PollLoop", "StationCore", "StationData", "StationSocket", collections, logging, nioCore, nioSSL, nioTLS,
            serviceLifecycle,
        ]
    ),
    // A cloud for labs and tests, and fleets of links.
    .target(
        name: "LabCloud",
        dependencies: ["CloudLink", "StationCore", "StationSocket", collections, nioCore, nioPosix]
    ),
    // Virtual ESP32s: the `simulate` command, the load generator and the tests' devices.
    .target(name: "DeviceSimulator", dependencies: ["StationCore", "MQTTTransport", "PollLoop", logging]),
    // The daemon and its command line: the composition root.
    .executableTarget(
        name: "StationAgent",
        dependencies: [
            "Accounts", "BLEProvision", "CloudLink", "HostControl", "HostRadio", "LabCloud", "StationCore",
            "StationData", "StationMail", "SystemBus", "MQTTTransport", "MQTTBridge", "LocalAPI",
            "DeviceSimulator", "PollLoop", "WebFetch", argumentParser, configuration, logging, serviceLifecycle,
            unixSignals, yams,
        ]
    ),

    // Real peers for tests: a Mosquitto child, a cutting proxy, clocks, temporary stores.
    .target(
        name: "StationTestSupport",
        dependencies: [
            "StationCore", "StationData", "StationSocket", "SystemBus", "MQTTTransport", "PollLoop", logging, nioCore,
            nioPosix,
        ],
        path: "Tests/StationTestSupport",
        exclude: [
            "fake_avahi.py", "fake_bluez.py", "fake_bus.py", "fake_networkmanager.py", "fake_systemd.py",
            "smtp_server.py",
        ]
    ),
    .testTarget(name: "StationCoreTests", dependencies: ["StationCore", "StationTestSupport"]),
    .testTarget(name: "StationDataTests", dependencies: ["StationData", "StationCore", "StationTestSupport", grdb]),
    .testTarget(
        name: "AccountsTests",
        dependencies: [
            "Accounts", "StationCore", "StationData", "StationTestSupport", crypto, cryptoExtras, logging,
        ]
    ),
    .testTarget(
        name: "CloudLinkTests",
        dependencies: [
            "CloudLink", "LabCloud", "StationCore", "StationData", "StationSocket", "StationTestSupport", logging,
            nioCore,
            nioPosix, nioSSL,
        ]
    ),
    .testTarget(name: "HostRadioTests", dependencies: ["HostRadio"]),
    .testTarget(name: "SystemBusTests", dependencies: ["PollLoop", "StationTestSupport", "SystemBus"]),
    .testTarget(
        name: "BLEProvisionTests",
        dependencies: [
            "BLEProvision", "PollLoop", "StationCore", "StationData", "StationTestSupport", "SystemBus", crypto,
            cryptoExtras, logging, serviceLifecycle,
        ]
    ),
    .testTarget(
        name: "HostControlTests",
        dependencies: ["HostControl", "PollLoop", "StationCore", "StationTestSupport", "SystemBus", logging]
    ),
    .testTarget(
        name: "LabCloudTests",
        dependencies: ["LabCloud", "StationCore", "StationSocket", "StationTestSupport", nioCore]
    ),
    .testTarget(
        name: "WebFetchTests", dependencies: ["WebFetch", "StationTestSupport"], exclude: ["web_server.py"]
    ),
    .testTarget(
        name: "MQTTTransportTests",
        dependencies: ["MQTTTransport", "PollLoop", "StationCore", "StationTestSupport"]
    ),
    .testTarget(
        name: "MQTTBridgeTests",
        dependencies: [
            "MQTTBridge", "MQTTTransport", "PollLoop", "StationCore", "StationData", "StationTestSupport", logging,
            serviceLifecycle,
        ]
    ),
    // An echo over StationSocket, server and client: what `scripts/conformance` puts to the Autobahn suite.
    .executableTarget(
        name: "SocketEcho", dependencies: ["StationCore", "StationSocket", "StationTestSupport"],
        path: "Tests/SocketEcho"
    ),
    // A bare Hummingbird route: what `scripts/bench` holds the API against.
    .executableTarget(name: "HelloServer", dependencies: [hummingbird], path: "Benchmarks/HelloServer"),
    .testTarget(
        name: "StationSocketTests",
        dependencies: ["StationSocket", "StationCore", "StationTestSupport", nioCore]
    ),
    .testTarget(
        name: "LocalAPITests",
        dependencies: [
            "Accounts", "LocalAPI", "StationCore", "StationData", "StationSocket", "StationTestSupport", nioCore,
            logging,
        ]
    ),
    .testTarget(
        name: "StationMailTests",
        dependencies: ["StationMail", "StationCore", "StationTestSupport", logging, serviceLifecycle]
    ),
    .testTarget(
        name: "DeviceSimulatorTests",
        dependencies: ["DeviceSimulator", "MQTTTransport", "PollLoop", "StationCore", "StationTestSupport"]
    ),
    .testTarget(
        name: "StationAgentTests",
        dependencies: [
            "Accounts", "BLEProvision", "CloudLink", "HostRadio", "LabCloud", "StationAgent", "StationCore",
            "StationData", "MQTTTransport", "PollLoop", "StationTestSupport", "SystemBus",
            configuration, logging, serviceLifecycle,
        ]
    ),
]

for target in targets where target.type != .system {
    target.swiftSettings = settings
}

let package = Package(
    name: "station-agent",
    products: [.executable(name: "station-agent", targets: ["StationAgent"])],
    dependencies: dependencies,
    targets: targets
)
