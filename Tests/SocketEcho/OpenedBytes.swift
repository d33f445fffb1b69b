import NIOCore
import StationSocket

/// The bytes of a server's connection from the opening handshake on, which it answers when it is read first.
struct OpenedBytes: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    func makeAsyncIterator() -> Iterator {
        Iterator(inbound: self.inbound.makeAsyncIterator(), outbound: self.outbound)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var isOpen = false

        fileprivate init(
            inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
            outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.inbound = inbound
            self.outbound = outbound
        }

        mutating func next() async throws -> ByteBuffer? {
            if self.isOpen { return try await self.inbound.next() }
            var bytes = ByteBuffer()
            while let piece = try await self.inbound.next() {
                bytes.writeImmutableBuffer(piece)
                guard let head = try HTTPHead.take(from: &bytes, limit: 16 * 1024) else { continue }
                try await self.answer(head)
                self.isOpen = true
                return bytes
            }
            return nil
        }

        private func answer(_ head: HTTPHead) async throws {
            let words = head.firstLine.split(separator: " ")
            let fields: [(name: String, value: String)]
            do {
                fields = try SocketHandshake.accept(
                    method: words.first.map(String.init) ?? "", httpVersion: words.last.map(String.init),
                    values: head.values
                )
            } catch {
                try await self.outbound.write(ByteBuffer(string: "HTTP/1.1 \(error.status) \(error)\r\n\r\n"))
                throw error
            }
            let lines = fields.map { name, value in "\(name): \(value)\r\n" }.joined()
            try await self.outbound.write(ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n\(lines)\r\n"))
        }
    }
}
