extension BusMatch {
    /// The sender's name if another one stands behind it: not a unique name, and not the bus.
    var wellKnownSender: String? {
        guard let sender, !sender.hasPrefix(":"), sender != BusConnection.busName else { return nil }
        return sender
    }

    /// The rule as the bus takes it.
    func rule() throws(BusError) -> String {
        var parts = ["type='signal'"]
        let names: [(key: String, kind: BusName.Kind, name: String?)] = [
            ("sender", .bus, self.sender), ("path", .path, self.path), ("path_namespace", .path, self.pathNamespace),
            ("interface", .interface, self.interface), ("member", .member, self.member),
        ]
        for case let (key, kind, name?) in names {
            try BusName.check(kind, name)
            parts.append("\(key)='\(name)'")
        }
        if let firstArgument {
            guard !firstArgument.utf8.contains(0) else { throw .invalid(detail: "a match rule with a zero byte") }
            // Within apostrophes all but the apostrophe stands for itself.
            let pieces = firstArgument.split(separator: "'", omittingEmptySubsequences: false)
            parts.append("arg0='" + pieces.joined(separator: "'\\''") + "'")
        }
        if self.path != nil, self.pathNamespace != nil {
            throw .invalid(detail: "a match rule has a path or a path namespace, not both")
        }
        return parts.joined(separator: ",")
    }

    /// Whether a signal is meant, as far as path, interface and member tell.
    func fitsHeader(of signal: BusSignal) -> Bool {
        if let path, path != signal.path { return false }
        if let pathNamespace, !Self.isPath(signal.path, within: pathNamespace) { return false }
        if let interface, interface != signal.interface { return false }
        if let member, member != signal.member { return false }
        return true
    }

    /// Whether a signal is meant, as far as its first argument tells.
    func fitsArgument(of signal: BusSignal) -> Bool {
        guard let firstArgument else { return true }
        return signal.arguments.first == .string(firstArgument)
    }

    private static func isPath(_ path: String, within namespace: String) -> Bool {
        guard namespace != "/" else { return true }
        guard path.hasPrefix(namespace) else { return false }
        return path.utf8.count == namespace.utf8.count || path.dropFirst(namespace.count).first == "/"
    }
}
