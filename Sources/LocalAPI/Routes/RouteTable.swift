import HTTPTypes
import Hummingbird

/// Which methods each path takes: the router alone cannot tell a wrong method from an unknown path.
struct RouteTable: Sendable {
    private struct Entry {
        let path: RouterPath
        var methods: Set<HTTPRequest.Method>
    }

    private let entries: [Entry]

    init(_ router: Router<LocalAPIContext>) {
        var entries: [Entry] = []
        for route in router.routes {
            var methods: Set = [route.method, .options]
            if route.method == .get { methods.insert(.head) }
            if let index = entries.firstIndex(where: { $0.path == route.path }) {
                entries[index].methods.formUnion(methods)
            } else {
                entries.append(Entry(path: route.path, methods: methods))
            }
        }
        self.entries = entries
    }

    /// In alphabetical order; `nil` for a path that no route has.
    func methods(at path: String) -> [HTTPRequest.Method]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let entry = self.entries.first { entry in
            entry.path.count == parts.count && zip(entry.path, parts).allSatisfy { $0 ~= $1 }
        }
        return entry?.methods.sorted { $0.rawValue < $1.rawValue }
    }
}
