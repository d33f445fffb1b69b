import HTTPTypes
import HummingbirdCore
import StationCore

/// Which part of a list is wanted, and how it is shown (contract 2, "Shapes"): as a page, or plainly as an array.
struct ListWindow: Hashable {
    /// What a plain array holds at most; the oldest elements are cut.
    static let maximumPlainCount = 1000
    static let maximumPageSize = 1000
    static let defaultPageSize = 20
    /// Far beyond any list, and small enough to reckon with.
    static let maximumPage = 1_000_000_000

    /// `nil` for the plain form.
    let page: Int?
    let limit: Int

    var offset: Int { self.page.map { ($0 - 1) * self.limit } ?? 0 }

    /// Cuts the window out of a list that is in memory as a whole.
    func cut<Element>(_ elements: [Element]) -> ArraySlice<Element> {
        elements.dropFirst(self.offset).prefix(self.limit)
    }

    /// - Parameter items: The elements of the window only.
    func response(_ items: some Sequence<JSONValue>, total: Int) -> Response {
        let items = JSONValue.array(Array(items))
        let headers: HTTPFields = [.totalCount: "\(total)"]
        guard let page = self.page else { return .json(items, headers: headers) }
        return .json(
            [
                "items": items,
                "total": .integer(Int64(total)),
                "page": .integer(Int64(page)),
                "perPage": .integer(Int64(self.limit)),
                "hasNext": .bool(self.offset + self.limit < total),
                "hasPrev": .bool(page > 1),
            ],
            headers: headers
        )
    }
}

extension QueryReader {
    /// Reads `page` and `perPage`. Without `page` the form is plain, and `perPage` merely shortens it.
    mutating func window() -> ListWindow {
        let page = self.number("page", in: 1...ListWindow.maximumPage)
        let size = self.number("perPage", in: 1...ListWindow.maximumPageSize)
        return ListWindow(
            page: page, limit: size ?? (page == nil ? ListWindow.maximumPlainCount : ListWindow.defaultPageSize)
        )
    }
}
