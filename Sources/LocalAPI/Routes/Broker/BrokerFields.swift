import Accounts
import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// What a broker tells in the body of a question, as JSON or as a form (contract 6, "HTTP fronts").
///
/// Members that mean nothing here are passed over: brokers have more to tell than is asked. An empty body and `null`
/// have none.
struct BrokerFields: Sendable {
    private static let maximumFields = 64

    private let members: JSONObject

    /// Reads the body of a question.
    ///
    /// - Throws: `QuestionFault`, for a body that is too large or cut short as well.
    static func read(_ request: Request, _ wholeBody: WholeBody) async throws(QuestionFault) -> BrokerFields {
        do {
            let body = try await wholeBody.read(request).body.collect(upTo: .max)
            return BrokerFields(members: try self.members(in: body.readableBytesView, of: request))
        } catch let fault as QuestionFault {
            throw fault
        } catch {
            throw QuestionFault(error)
        }
    }

    private static func members(in body: ByteBufferView, of request: Request) throws -> JSONObject {
        guard !body.isEmpty else { return JSONObject() }
        if FormReader.isForm(request) { return try self.form(body) }
        let type = request.headers[.contentType]
        guard type == nil || BodyReader.isJSON(type) else {
            throw APIError.unsupportedMediaType(type, wanted: "application/json or application/x-www-form-urlencoded")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(Array(body))
        } catch {
            throw APIError.malformedJSON(error)
        }
        guard value != .null else { return JSONObject() }
        guard let object = value.objectValue else { throw APIError.notAnObject(value) }
        return object
    }

    private static func form(_ body: ByteBufferView) throws -> JSONObject {
        // A NUL is for the rules of topics to refuse.
        guard let fields = FormReader.fields(in: body, atMost: self.maximumFields, admittingNUL: true) else {
            throw APIError.malformedForm
        }
        var members = JSONObject()
        for (name, value) in fields {
            guard members[name] == nil else { throw APIError.malformedForm }
            members[name] = .string(value)
        }
        return members
    }

    /// A member, if it is there and not `null`.
    func value(_ key: String) -> JSONValue? {
        self.members[key].flatMap { $0 == .null ? nil : $0 }
    }

    /// A member that is a text, if it is there and not `null`.
    ///
    /// - Throws: `QuestionFault` for anything else.
    func text(_ key: String) throws(QuestionFault) -> String? {
        guard let value = self.value(key) else { return nil }
        guard let text = value.stringValue else {
            throw QuestionFault("“\(key)” is \(value.kind); it must be a string.")
        }
        return text
    }

    /// A member that is a text and must be there.
    ///
    /// - Throws: `QuestionFault`.
    func requiredText(_ key: String) throws(QuestionFault) -> String {
        guard let text = try self.text(key) else { throw QuestionFault("“\(key)” is missing.") }
        return text
    }

    /// The client that is asked about.
    ///
    /// - Throws: `QuestionFault`.
    func caller(_ request: Request, _ context: LocalAPIContext) throws(QuestionFault) -> BrokerCaller {
        BrokerCaller(
            broker: context.broker, bearer: BearerToken.of(request), username: try self.text("username"),
            password: try self.text("password").map { Secret($0) }, clientID: try self.text("clientid")
        )
    }
}
