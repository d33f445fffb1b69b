import StationCore

extension BodyReader {
    mutating func choice<Choice>(_ key: String, of: Choice.Type, _ presence: Presence) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self.text(key, presence) else { return nil }
        let choice = Choice(rawValue: text)
        if choice == nil {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            self.refuse(key, "“\(key)” is “\(text.prefix(200))”; it must be one of \(allowed).")
        }
        return choice
    }

    mutating func number(_ key: String, _ presence: Presence) -> Double? {
        guard let value = self.value(key, presence) else { return nil }
        guard let number = value.doubleValue else {
            self.refuse(key, as: .type, "“\(key)” is \(value.kind); it must be a number.")
            return nil
        }
        return number
    }

    mutating func wholeNumber(_ key: String, _ presence: Presence) -> Int? {
        guard let number = self.number(key, presence) else { return nil }
        guard let whole = Int(exactly: number) else {
            self.refuse(key, as: .type, "“\(key)” is \(number); it must be a whole number.")
            return nil
        }
        return whole
    }

    /// A list of texts.
    mutating func texts(_ key: String, _ presence: Presence) -> [String]? {
        guard let value = self.value(key, presence) else { return nil }
        guard let elements = value.arrayValue else {
            self.refuse(key, as: .type, "“\(key)” is \(value.kind); it must be a list of strings.")
            return nil
        }
        let texts = elements.compactMap(\.stringValue)
        if texts.count < elements.count {
            self.refuse(key, as: .type, "“\(key)” must have nothing but strings in it.")
        }
        return texts
    }
}
