import NIOCore
import StationSocket

/// The bytes of a server's connection after the opening handshake, which it answers when it is first read.
struct SocketOpening: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let greeting: [UInt8]
    let opened: @Sendable (HTTPHead) -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(opening: self, inbound: self.inbound.makeAsyncIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        let opening: SocketOpening
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var isOpen = false

        mutating func next() async throws -> ByteBuffer? {
            if self.isOpen { return try await self.inbound.next() }
            var bytes = ByteBuffer()
            while let piece = try await self.inbound.next() {
                bytes.writeImmutableBuffer(piece)
                guard let head = try HTTPHead.take(from: &bytes, limit: 16 * 1024) else { continue }
                try await self.answer(head)
                self.isOpen = true
                self.opening.opened(head)
                return bytes
            }
            return nil
        }

        private func answer(_ head: HTTPHead) async throws {
            let words = head.firstLine.split(separator: " ")
            var answer = "HTTP/1.1 101 Switching Protocols\r\n"
            do {
                let fields = try SocketHandshake.accept(
                    method: words.first.map(String.init) ?? "", httpVersion: words.last.map(String.init),
                    values: head.values
                )
                for field in fields { answer += "\(field.name): \(field.value)\r\n" }
            } catch {
                try await self.opening.outbound.write(
                    ByteBuffer(string: "HTTP/1.1 \(error.status) \(error)\r\nContent-Length: 0\r\n\r\n")
                )
                throw error
            }
            try await self.opening.outbound.write(
                ByteBuffer(bytes: Array("\(answer)\r\n".utf8) + self.opening.greeting))
        }
    }
}
