import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// What the API says of itself: `/openapi.json` for programs, `/docs` for people.
struct DocumentRoutes: Sendable {
    let version: String

    /// To be called last: the document describes the routes that are in the book.
    func add(to book: inout RouteBook) {
        let described = book.endpoints + self.endpoints(document: ByteBuffer(), page: DocumentPage(.null))
        let document = OpenAPIDocument(endpoints: described, version: self.version).json
        // Only the bytes are kept: as values they would take many times the memory.
        let text = ByteBuffer(bytes: document.serialized())
        for endpoint in self.endpoints(document: text, page: DocumentPage(document)) { book.add(endpoint) }
    }

    private func endpoints(document: ByteBuffer, page: DocumentPage) -> [Endpoint] {
        var html = Operation.Answer.ok("A page of HTML.", .string)
        html.mediaType = "text/html"
        return [
            Endpoint(
                method: .get, path: "/openapi.json", hooks: [],
                operation: Operation(
                    "getDocument", .station, "This document.", answers: [.ok("OpenAPI 3.1.", .anyObject)]
                ),
                bodyReading: .whole
            ) { _, _ in .json(text: document, headers: [.cacheControl: "no-cache"]) },
            Endpoint(
                method: .get, path: "/docs", hooks: [],
                operation: Operation("getDocumentPage", .station, "This document as a page.", answers: [html]),
                bodyReading: .whole
            ) { _, _ in page.response },
        ]
    }
}
