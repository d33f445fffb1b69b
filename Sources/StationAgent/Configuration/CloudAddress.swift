/// Where the cloud is: `host[:port]`, reached with TLS; `ws://` in front switches TLS off, for labs and tests
/// (contract 4).
struct CloudAddress: Hashable, Sendable, CustomStringConvertible {
    let usesTLS: Bool
    let host: String
    let port: Int

    init(_ text: String) throws(InvalidValue) {
        let authority: Authority
        if text.contains("://") {
            let address = try URLText(text, schemes: ["ws", "wss"])
            guard address.userInfo == nil else { throw InvalidValue("it has a user name in it") }
            guard address.path.isEmpty || address.path == "/" else { throw InvalidValue("it goes on after the host") }
            self.usesTLS = address.scheme == "wss"
            authority = address.authority
        } else {
            self.usesTLS = true
            authority = try Authority(text)
        }
        self.host = authority.host
        self.port = authority.port ?? (self.usesTLS ? 443 : 80)
    }

    var description: String {
        let port = self.port == (self.usesTLS ? 443 : 80) ? "" : ":\(self.port)"
        return "\(self.usesTLS ? "wss" : "ws")://\(Authority.bracketed(self.host))\(port)"
    }
}
