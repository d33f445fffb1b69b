import Hummingbird

/// `HelloServer PORT`: answers `GET /hello` on 127.0.0.1 and does nothing else. What a request costs before any of our
/// own work: `bench.py` holds the API against it.
@main
struct HelloServer {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            print("usage: HelloServer PORT")
            return
        }
        let router = Router()
        router.get("/hello") { _, _ in "hello" }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))
        )
        try await application.runService()
    }
}
