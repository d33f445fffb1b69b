import HummingbirdCore
import StationCore

/// Reads the items after “?” and collects every fault, so that a caller learns of all at once.
///
///     var query = try QueryReader(request)
///     let status = query.choice("status", of: DeviceStatus.self)
///     try query.finish()
struct QueryReader {
    private var items: [(name: String, value: String)] = []
    private var known: [String] = []
    private var faults: [FieldFault] = []

    /// - Throws: `APIError.malformedQuery`.
    init(_ request: Request) throws(APIError) {
        for item in (request.uri.query ?? "").split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0].utf8, plusIsBlank: true),
                let value = PercentEncoding.decode((parts.count > 1 ? parts[1] : "").utf8, plusIsBlank: true)
            else { throw APIError.malformedQuery }
            self.items.append((name, value))
        }
    }

    /// To be called when everything was asked for.
    ///
    /// - Throws: `APIError.invalidFields` with all faults; items that nobody asked for are faults as well, because a
    ///   mistyped filter would otherwise list everything.
    mutating func finish() throws(APIError) {
        for (name, _) in self.items where !self.known.contains(name) {
            let known = self.known.isEmpty ? "it takes none" : "it takes \(self.known.joined(separator: ", "))"
            self.refuse(name, as: .unknown, "This route has no query item “\(name)”; \(known).")
        }
        guard self.faults.isEmpty else { throw APIError.invalidFields(self.faults) }
    }

    mutating func refuse(_ name: String, as kind: FieldFault.Kind = .value, _ message: String) {
        self.faults.append(FieldFault(.query, name, kind, message))
    }

    /// All values of an item that may be repeated.
    mutating func texts(_ name: String) -> [String] {
        self.known.append(name)
        return self.items.filter { $0.name == name }.map(\.value)
    }

    mutating func text(_ name: String) -> String? {
        let values = self.texts(name)
        if values.count > 1 {
            self.refuse(name, "“\(name)” is given \(values.count) times; give it once.")
        }
        return values.first
    }

    mutating func text(_ name: String, maximumLength: Int) -> String? {
        guard let text = self.text(name) else { return nil }
        if text.unicodeScalars.count > maximumLength {
            self.refuse(name, "“\(name)” is longer than \(maximumLength) characters.")
        }
        return text
    }

    mutating func identifier<Entity>(_ name: String, of: Entity.Type) -> Identifier<Entity>? {
        guard let text = self.text(name) else { return nil }
        let id = Identifier<Entity>(text)
        if id == nil { self.refuse(name, as: .type, "“\(name)” is “\(text)”; it must be a UUID.") }
        return id
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = self.text(name) else { return nil }
        guard let value = Int(text) else {
            self.refuse(name, as: .type, "“\(name)” is “\(text)”; it must be a whole number.")
            return nil
        }
        guard range.contains(value) else {
            self.refuse(name, "“\(name)” is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return value
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let text = self.text(name) else { return nil }
        let value: Bool? =
            switch text {
            case "true", "1": true
            case "false", "0": false
            default: nil
            }
        if value == nil { self.refuse(name, as: .type, "“\(name)” is “\(text)”; it must be true or false.") }
        return value
    }

    mutating func time(_ name: String) -> Timestamp? {
        guard let text = self.text(name) else { return nil }
        let time = Timestamp(iso8601: text)
        if time == nil {
            self.refuse(
                name, as: .type, "“\(name)” is “\(text)”; it must be a time such as 2026-11-21T08:30:00.000Z."
            )
        }
        return time
    }

    mutating func choice<Choice>(_ name: String, of: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self.text(name) else { return nil }
        let choice = Choice(rawValue: text)
        if choice == nil {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            self.refuse(name, "“\(name)” is “\(text)”; it must be one of \(allowed).")
        }
        return choice
    }
}
