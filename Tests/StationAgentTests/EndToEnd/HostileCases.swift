import StationCore
import StationTestSupport

/// Requests that no good client sends, the same in every run.
struct HostileCases {
    private static let contentTypes = [
        "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
        "application/json;",
        "application/json; charset=utf-16", "application/json; charset=\"", "/", "application/octet-stream", "é",
        "a/b/c",
    ]
    private static let forms = [
        "", "&", "=", "a", "username=a&username=b", "username=%", "username=%zz&password=%00", "grant_type=x",
        "username=%ff%fe&password=b", "%75sername=a&password=b&scope=", "username[]=a",
    ]
    private static let queryValues = [
        "", "%00", "%", "%zz", "-1", "0", "1e9", "99999999999999999999", "x", "%ff", "a%0d%0ab", "true", "2026", "null",
        "2026-11-26T00:00:00Z", "..%2f", "%F0%9F%92%A1", "'%20OR%201=1", HostileRoute.nobody, "[]", "a&a", "+", "%2B",
    ]

    let routes: [HostileRoute]
    private let bodied: [HostileRoute]
    private var random: RepeatableRandom

    init(_ routes: [HostileRoute], seed: UInt64) {
        self.routes = routes
        self.bodied = routes.filter { !$0.properties.isEmpty }
        self.random = RepeatableRandom(seed: seed)
    }

    /// Every property of every body with a value of every kind.
    func properties() -> [HostileCase] {
        self.bodied.flatMap { route in
            route.properties.flatMap { property in
                HostileJSON.values.map { .request(route.request(body: route.body(property.name, as: $0))) }
            }
        }
    }

    /// Somebody else's JSON, on one route each.
    mutating func json(_ texts: [[UInt8]]) -> [HostileCase] {
        texts.map { .request(self.random.pick(self.bodied).request(body: $0)) }
    }

    mutating func next() -> HostileCase {
        let route = self.random.pick(self.routes)
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0..<7:
            let route = self.random.pick(self.bodied)
            return .request(route.request(body: HostileJSON.text(&self.random, around: route.body())))
        case 7..<10: return .request(self.query(of: route))
        case 10, 11: return .request(self.body(for: route))
        case 12..<15: return .raw(HostileHeads.head(&self.random, route))
        case 15: return .raw(self.random.bytes(Int.random(in: 1...400, using: &self.random)) + Array("\r\n\r\n".utf8))
        case 16: return .abandoned(self.truncated(route))
        default: return .raw(HostileHeads.target(&self.random, route))
        }
    }

    private mutating func query(of route: HostileRoute) -> HostileRequest {
        var request = route.request(body: nil)
        if request.method != "GET" { request.body = Array("{}".utf8) }
        let names = route.query + ["limit", "x", "%00"]
        let items = (0..<Int.random(in: 1...4, using: &self.random)).map { _ in
            "\(self.random.pick(names))=\(self.random.pick(Self.queryValues))"
        }
        request.target += "?" + items.joined(separator: self.random.pick(["&", "&&", ";"]))
        return request
    }

    private mutating func body(for route: HostileRoute) -> HostileRequest {
        switch Int.random(in: 0..<4, using: &self.random) {
        case 0:
            let size = self.random.once(in: 20) ? 1_048_577 : Int.random(in: 0...2000, using: &self.random)
            return route.request(body: self.random.bytes(size), contentType: "application/octet-stream")
        case 1:
            let form = Array(self.random.pick(Self.forms).utf8)
            return HostileRequest(
                method: "POST", target: "/api/auth/login",
                fields: [("Content-Type", "application/x-www-form-urlencoded")], body: form
            )
        case 2: return route.request(body: route.body(), contentType: self.random.pick(Self.contentTypes))
        default: return route.request(body: [])
        }
    }

    /// A request that ends somewhere before its end.
    private mutating func truncated(_ route: HostileRoute) -> [UInt8] {
        let request = route.request(body: route.body())
        let whole = request.head(port: 80) + route.body()
        return Array(whole.prefix(Int.random(in: 1..<whole.count, using: &self.random)))
    }
}
