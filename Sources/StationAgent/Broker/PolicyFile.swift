import Logging
import ServiceLifecycle
import StationCore
import Synchronization

/// Keeps the policy for the broker as its file says (contract 6, "Policy rules"). A file that is faulty leaves the last
/// good one in force; one that is not there allows nothing.
final class PolicyFile: Service {
    private static let sizeLimit = 4 << 20
    /// Short enough that whoever has just written it sees it in force.
    private static let period = Duration.seconds(2)

    private let path: String
    private let board: BrokerPolicyBoard
    private let clock: any StationClock
    private let logger: Logger
    private let seen = Mutex<FileStamp??>(nil)

    init(path: String, board: BrokerPolicyBoard, clock: any StationClock, logger: Logger) {
        self.path = path
        self.board = board
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { self.look() } while await self.clock.pause(for: Self.period)
        }
    }

    /// Takes the file over if it is another one than the last time.
    func look() {
        let stamp = FileStamp(path: self.path)
        let isSeen = self.seen.withLock { seen in
            defer { seen = .some(stamp) }
            return seen == .some(stamp)
        }
        if isSeen { return }
        do {
            let policy = try self.read(isThere: stamp != nil)
            guard self.board.replace(by: policy) else { return }
            self.logger.notice("the policy for the broker was read", metadata: ["file": "\(self.path)"])
        } catch {
            self.logger.error(
                "the policy for the broker is faulty; the last good one stays",
                metadata: ["file": "\(self.path)", "error": "\(error)"]
            )
        }
    }

    private func read(isThere: Bool) throws -> BrokerPolicy {
        guard isThere else { return .empty }
        return try BrokerPolicy(json: JSONValue.parse(BoundedFile.read(self.path, limit: Self.sizeLimit)))
    }
}
