import HTTPTypes
import HummingbirdCore
import NIOCore

extension Response {
    /// The same answer as the last one of its connection.
    ///
    /// The peer may still be sending: closing at once would reset the connection and could take the answer away before
    /// it is read. So only our direction is closed, what still comes is thrown away, and a moment later all is closed.
    func closing(_ channel: any Channel) -> Response {
        let body = self.body
        var response = self
        response.headers[.connection] = "close"
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            channel.close(mode: .output, promise: nil)
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        return response
    }
}
