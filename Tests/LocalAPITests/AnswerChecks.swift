import StationCore
import StationTestSupport
import Testing

/// Checks the status of an answer, and shows what it said if it is another.
func expectStatus(_ answer: HTTPAnswer, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
}

/// Checks that an answer is an error in the one shape that all errors have, with this status and code.
func expectError(
    _ answer: HTTPAnswer, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let json = try answer.json
    #expect(answer.status == status, "\(json)", sourceLocation: sourceLocation)
    #expect(json["code"] == .string(code), "\(json)", sourceLocation: sourceLocation)
    let keys = Set(json.objectValue?.members.map(\.key) ?? [])
    #expect(
        keys == ["statusCode", "error", "message", "detail", "code", "requestId"], sourceLocation: sourceLocation
    )
    #expect(json["statusCode"] == .integer(Int64(status)), sourceLocation: sourceLocation)
    #expect(json["error"]?.stringValue?.isEmpty == false, sourceLocation: sourceLocation)
    if json["detail"]?.arrayValue == nil {
        #expect(json["detail"] == json["message"], sourceLocation: sourceLocation)
    }
    #expect(json["requestId"]?.stringValue == answer["X-Request-Id"], sourceLocation: sourceLocation)
    #expect(answer["Content-Type"] == "application/json", sourceLocation: sourceLocation)
}

/// The faults of a 422 as `source.field type`, in their order.
func faults(_ answer: HTTPAnswer) throws -> [String] {
    let faults = try #require(try answer.json["detail"]?.arrayValue)
    return faults.map { fault in
        let place = fault["loc"]?.arrayValue?.compactMap(\.stringValue).joined(separator: ".") ?? "?"
        return "\(place) \(fault["type"]?.stringValue ?? "?")"
    }
}
