import StationCore
import StationTestSupport

/// Sends hostile cases one after another, on the same connection as long as the station keeps it, and remembers every
/// answer that is none.
struct HostilePeer {
    let port: Int
    private var connection: RawConnection?
    /// How many answers came, by their status; 0: the connection was closed without one.
    private(set) var answers: [Int: Int] = [:]
    /// What must not be, and after what.
    private(set) var faults: [String] = []

    init(port: Int) {
        self.port = port
    }

    mutating func send(_ hostile: HostileCase) async throws {
        switch hostile {
        case .request(let request): try await self.ask(request)
        case .raw(let bytes): try await self.ask(bytes)
        case .abandoned(let bytes):
            let connection = try await RawConnection.open(port: self.port, sending: bytes)
            connection.close()
            self.answers[0, default: 0] += 1
        }
    }

    /// On the connection at hand; a fresh one if the station has closed that in the meantime.
    private mutating func ask(_ request: HostileRequest) async throws {
        let bytes = request.head(port: self.port) + (request.body ?? [])
        for isLast in [false, true] {
            let isFresh = self.connection?.isClosed ?? true
            let connection: RawConnection
            if let open = self.connection, !isFresh {
                connection = open
                connection.send(bytes)
            } else {
                connection = try await RawConnection.open(port: self.port, sending: bytes)
            }
            self.connection = connection
            do {
                let answer = try await connection.answer(hasBody: request.method != "HEAD")
                if answer["Connection"] == "close" { self.hangUp() }
                self.judge(answer, of: "\(request)")
                return
            } catch {
                self.hangUp()
                guard isFresh || isLast else { continue }
                self.faults.append("\(error) \(request)")
                return
            }
        }
    }

    /// On a connection of its own, because after it nobody knows where the next request would begin.
    private mutating func ask(_ bytes: [UInt8]) async throws {
        let connection = try await RawConnection.open(port: self.port, sending: bytes)
        defer { connection.close() }
        connection.finish()
        let text = String(decoding: bytes.prefix(300), as: UTF8.self).debugDescription
        do {
            let answer = try await connection.answer(hasBody: !bytes.starts(with: Array("HEAD".utf8)))
            self.judge(answer, of: text)
        } catch HTTPProbeFailure.closedWithoutAnswer {
            self.answers[0, default: 0] += 1
        } catch {
            self.faults.append("\(error) \(text)")
        }
    }

    mutating func hangUp() {
        self.connection?.close()
        self.connection = nil
    }

    /// Nothing that comes from outside is a fault of the station's, except that a part of it may be away.
    private mutating func judge(_ answer: HTTPAnswer, of request: String) {
        self.answers[answer.status, default: 0] += 1
        let code = try? answer.errorCode
        guard (200..<500).contains(answer.status) || answer.status == 503 && code != nil else {
            self.faults.append("\(answer.status) \(answer.text.prefix(300)) \(request)")
            return
        }
        // Brokers are answered in words of their own (contract 6).
        let isVerdict = (try? answer.json["ok"]) == false && (try? answer.json["reason"]?.stringValue) != nil
        if answer.status >= 400, code == nil, !isVerdict, !answer.body.isEmpty {
            self.faults.append("no code: \(answer.status) \(answer.text.prefix(300)) \(request)")
        }
    }
}
