import StationCore

/// A text that a cloud should not send, and what it is to get for it.
struct HostileCloudCase: Sendable {
    enum Answer: Sendable, Hashable {
        case nothing
        /// An error of JSON-RPC whose id is null.
        case anonymous(Int64)
        /// An error of JSON-RPC under its id.
        case error(Int64, to: String)
        /// `{"type":"error"}`, which names the message.
        case refusal(of: String)
        /// The errors of a batch in their order; the first is under the id.
        case batch([Int64], to: String)
    }

    let text: String
    let answer: Answer
}

/// What has come back from the station, sorted by what it answers.
struct HostileCloudAnswers {
    /// The codes of errors by the ids of the calls; 0 is a result.
    private(set) var codes: [String: Int64] = [:]
    private(set) var anonymous: [Int64: Int] = [:]
    private(set) var refusals: Set<String> = []
    private(set) var batches: [String: [Int64]] = [:]
    /// What answers nothing that is known here.
    private(set) var strange: [String] = []

    mutating func take(_ text: String) {
        guard let json = try? JSONValue.parse(text) else { return self.strange.append(text) }
        if let elements = json.arrayValue { return self.take(elements, text) }
        // News: the station tells them whatever it is asked.
        guard json["method"] == nil else { return }
        if json["type"] == "error", let name = json["inReplyTo"]?.stringValue {
            guard json["message"]?.stringValue?.isEmpty == false, self.refusals.insert(name).inserted else {
                return self.strange.append(text)
            }
            return
        }
        guard json["jsonrpc"] == "2.0", let code = Self.code(of: json) else { return self.strange.append(text) }
        switch json["id"] {
        case .null?: self.anonymous[code, default: 0] += 1
        case .string(let id)?:
            if self.codes.updateValue(code, forKey: id) != nil { self.strange.append("twice: \(text)") }
        default: self.strange.append(text)
        }
    }

    private mutating func take(_ elements: [JSONValue], _ text: String) {
        let codes = elements.compactMap(Self.code)
        guard codes.count == elements.count, let id = elements.first?["id"]?.stringValue, self.batches[id] == nil else {
            return self.strange.append(text)
        }
        self.batches[id] = codes
    }

    /// Whether something has come that can only be the answer to this; for `anonymous` see the counts.
    func has(_ answer: HostileCloudCase.Answer) -> Bool {
        switch answer {
        case .nothing, .anonymous: true
        case .error(_, let id): self.codes[id] != nil
        case .refusal(let name): self.refusals.contains(name)
        case .batch(_, let id): self.batches[id] != nil
        }
    }

    /// Whether what has come is what should.
    func isRight(_ answer: HostileCloudCase.Answer) -> Bool {
        switch answer {
        case .error(let code, let id): self.codes[id] == code
        case .batch(let codes, let id): self.batches[id] == codes
        case .nothing, .anonymous, .refusal: self.has(answer)
        }
    }

    /// The code of an error, 0 for a result; nil for what is no answer.
    private static func code(of json: JSONValue) -> Int64? {
        guard let error = json["error"] else { return json["result"] == nil ? nil : 0 }
        guard case .integer(let code)? = error["code"], error["message"]?.stringValue != nil else { return nil }
        return code
    }
}
