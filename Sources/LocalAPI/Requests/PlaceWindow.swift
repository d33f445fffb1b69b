import HTTPTypes
import HummingbirdCore
import StationCore

/// Which page of a list is wanted in the routes of places: always a page, with keys in snake_case (contract 2, "Places").
struct PlaceWindow: Hashable {
    static let maximumPageSize = 100

    let page: Int
    let size: Int

    var offset: Int { (self.page - 1) * self.size }

    func cut<Element>(_ elements: [Element]) -> ArraySlice<Element> {
        elements.dropFirst(self.offset).prefix(self.size)
    }

    /// - Parameter items: The elements of the page only.
    func response(_ items: some Sequence<JSONValue>, total: Int) -> Response {
        .json([
            "items": .array(Array(items)), "total": .integer(Int64(total)), "page": .integer(Int64(self.page)),
            "per_page": .integer(Int64(self.size)), "has_next": .bool(self.offset + self.size < total),
            "has_prev": .bool(self.page > 1),
        ])
    }

    static let parameters: [Operation.Parameter] = [
        .init("page", .integer(1...Int64(ListWindow.maximumPage)), "The page, by default the first."),
        .init("per_page", .integer(1...Int64(Self.maximumPageSize)), "How many at most, by default 20."),
    ]

    static func schema(of element: Schema) -> Schema {
        .object([
            ("items", .array(element)), ("total", .integer), ("page", .integer), ("per_page", .integer),
            ("has_next", .boolean), ("has_prev", .boolean),
        ])
    }
}

extension QueryReader {
    /// Reads `page` and `per_page`.
    mutating func placeWindow() -> PlaceWindow {
        PlaceWindow(
            page: self.number("page", in: 1...ListWindow.maximumPage) ?? 1,
            size: self.number("per_page", in: 1...PlaceWindow.maximumPageSize) ?? ListWindow.defaultPageSize
        )
    }
}
