import LocalAPI
import MQTTTransport

extension ConfigurationValueType where Value == String {
    /// A host to listen on or to be reached at, without a port.
    static var host: Self {
        Self(
            allowed: "a host name or an IP address, without a port",
            read: { (text) throws(InvalidValue) in try Authority.host(alone: text) },
            write: { $0 })
    }

    /// The root of a web site, without a slash at its end.
    static var publicURL: Self {
        Self(
            allowed: "http://host[:port][/path] or https://…",
            read: { (text) throws(InvalidValue) in
                let address = try URLText(text, schemes: ["http", "https"])
                guard address.userInfo == nil else { throw InvalidValue("it has a user name in it") }
                var path = address.path
                while path.hasSuffix("/") { path.removeLast() }
                return "\(address.scheme)://\(address.authority)\(path)"
            },
            write: { $0 })
    }
}

extension ConfigurationValueType where Value == [String] {
    /// Web origins as browsers send them in `Origin`: lower case, without a default port or a slash at the end.
    static var origins: Self {
        Self(
            allowed: "scheme://host[:port], several separated by commas",
            isList: true,
            read: { (text) throws(InvalidValue) in
                var origins: [String] = []
                for part in text.split(separator: ",") {
                    let part = part.trimmed
                    guard !part.isEmpty else { continue }
                    guard part != "*" else {
                        throw InvalidValue("“*” would let every web page in: name those that may")
                    }
                    let address: URLText
                    do throws(InvalidValue) {
                        address = try URLText(part)
                    } catch {
                        throw InvalidValue("of \(ShownText.quoted(part)): \(error.reason)")
                    }
                    guard address.userInfo == nil, address.path.isEmpty || address.path == "/" else {
                        throw InvalidValue("\(ShownText.quoted(part)) is more than an origin")
                    }
                    let isDefaultPort = address.authority.port == ["http": 80, "https": 443][address.scheme]
                    let host = Authority.bracketed(address.authority.host)
                    origins.append(
                        "\(address.scheme)://\(isDefaultPort ? host : address.authority.description)")
                }
                return origins
            },
            write: { $0.isEmpty ? "none" : $0.joined(separator: ",") })
    }
}

extension ConfigurationValueType where Value == [AddressRange] {
    /// Machines and networks.
    static var addressRanges: Self {
        Self(
            allowed: "\(AddressRange.rule), several separated by commas",
            isList: true,
            read: { (text) throws(InvalidValue) in
                var ranges: [AddressRange] = []
                for part in text.split(separator: ",") {
                    let part = part.trimmed
                    guard !part.isEmpty else { continue }
                    guard let range = AddressRange(part) else {
                        throw InvalidValue("\(ShownText.quoted(part)) is no address and no network")
                    }
                    ranges.append(range)
                }
                return ranges
            },
            write: { $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ",") })
    }
}

extension ConfigurationValueType where Value == CloudAddress {
    static var cloudAddress: Self {
        Self(
            allowed: "host[:port] or wss://host[:port]; ws://host[:port] without TLS, for labs",
            read: { (text) throws(InvalidValue) in try CloudAddress(text) },
            write: { $0.description })
    }
}

extension ConfigurationValueType where Value == MQTTEndpoint {
    static var broker: Self {
        Self(
            allowed: "mqtt://host[:port] or mqtts://host[:port]; user and password are mqtt.user and mqtt.password",
            read: { (text) throws(InvalidValue) in
                let address = try URLText(text, schemes: ["mqtt", "mqtts"])
                guard address.userInfo == nil else { throw InvalidValue("it has a user name in it") }
                do throws(MQTTEndpoint.InvalidURL) {
                    return try MQTTEndpoint(url: text)
                } catch {
                    throw InvalidValue("it is not the address of a broker")
                }
            },
            write: { $0.description })
    }
}

extension StringProtocol {
    /// Without blanks, tabs and line ends at either side.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        guard let first = self.firstIndex(where: { !isBlank($0) }) else { return "" }
        let last = self.lastIndex { !isBlank($0) } ?? first
        return String(self[first...last])
    }
}
