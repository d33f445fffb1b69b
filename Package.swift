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
    // SHA-256 for device tokens; later JWT and OTA checks.
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
    // Start, signals and graceful stop of the long-running parts.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    // The configuration file, with the line of every key for messages; swift-configuration itself tells no lines.
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let targets: [Target] = [
    // C, each behind exactly one Swift module (scripts/check holds the fence).
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),

    // Values and rules; no socket, file or thread.
    .target(name: "StationCore", dependencies: [logging, collections]),
    // The only door to SQLite.
    .target(name: "StationData", dependencies: ["StationCore", crypto, grdb, logging]),
    // One thread that is an executor and an epoll loop: C libraries live on it.
    .target(name: "PollLoop", dependencies: ["CLinux", heap]),
    // libmosquitto as async Swift; knows no devices.
    .target(name: "MQTTTransport", dependencies: ["CMosquitto", "PollLoop", "StationCore", collections]),
    // Devices over MQTT: dialects, inbox, connection life.
    .target(
        name: "MQTTBridge",
        dependencies: [
            "StationCore", "StationData", "MQTTTransport", "PollLoop", collections, logging, serviceLifecycle,
        ]
    ),
    // HTTP for the LAN.
    .target(
        name: "LocalAPI",
        dependencies: [
            "StationCore", "StationData", httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioPosix,
            serviceLifecycle,
        ]
    ),
    // Virtual ESP32s: the `simulate` command, the load generator and the tests' devices.
    .target(name: "DeviceSimulator", dependencies: ["StationCore", "MQTTTransport", "PollLoop", logging]),
    // The daemon and its command line: the composition root.
    .executableTarget(
        name: "StationAgent",
        dependencies: [
            "StationCore", "StationData", "MQTTTransport", "MQTTBridge", "LocalAPI", "DeviceSimulator", "PollLoop",
            argumentParser, configuration, logging, serviceLifecycle, unixSignals, yams,
        ]
    ),

    // Real peers for tests: a Mosquitto child, a cutting proxy, clocks, temporary stores.
    .target(
        name: "StationTestSupport",
        dependencies: ["StationCore", "StationData", "MQTTTransport", "PollLoop", nioCore, nioPosix],
        path: "Tests/StationTestSupport"
    ),
    .testTarget(name: "StationCoreTests", dependencies: ["StationCore", "StationTestSupport"]),
    .testTarget(name: "StationDataTests", dependencies: ["StationData", "StationCore", "StationTestSupport", grdb]),
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
    .testTarget(
        name: "LocalAPITests",
        dependencies: ["LocalAPI", "StationCore", "StationData", "StationTestSupport", nioCore, logging]
    ),
    .testTarget(
        name: "DeviceSimulatorTests",
        dependencies: ["DeviceSimulator", "MQTTTransport", "PollLoop", "StationCore", "StationTestSupport"]
    ),
    .testTarget(
        name: "StationAgentTests",
        dependencies: [
            "StationAgent", "StationCore", "StationData", "MQTTTransport", "PollLoop", "StationTestSupport",
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
