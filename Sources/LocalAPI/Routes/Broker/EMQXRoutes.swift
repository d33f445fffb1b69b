import Accounts
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import StationCore

/// `POST /mqtt/emqx/auth` and `/mqtt/emqx/acl`: the questions of EMQX 5 (contract 6, "HTTP fronts").
///
/// EMQX passes over whatever is not 200, and then may let in whoever asks: also what cannot be read is denied with 200.
struct EMQXRoutes: Sendable {
    /// Under either name.
    private static let paths = ["/mqtt/emqx", "/api/internal/mqtt"]

    let authority: BrokerAuthority
    let body: WholeBody

    /// Whether a path is that of a question.
    static func isQuestion(_ path: String) -> Bool { self.paths.contains { path.hasPrefix("\($0)/") } }

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        for (path, suffix) in zip(Self.paths, ["", "Internally"]) {
            book.add(
                .post, "\(path)/auth", by: hooks.broker,
                Self.operation(
                    "judgeEmqxLogin\(suffix)", "Whether EMQX may let a client in.", .brokerLogin, .brokerLoginForm,
                    answer: .emqxLoginVerdict
                ), reading: .streamed
            ) { request, context in await self.judgeLogin(request, context) }
            book.add(
                .post, "\(path)/acl", by: hooks.broker,
                Self.operation(
                    "judgeEmqxAccess\(suffix)", "Whether a client of EMQX may do something with a topic.",
                    .emqxAccess, .emqxAccessForm, answer: .emqxVerdict
                ), reading: .streamed
            ) { request, context in await self.judgeAccess(request, context) }
        }
    }

    private static func operation(
        _ id: String, _ summary: String, _ json: Schema, _ form: Schema, answer: Schema
    ) -> Operation {
        Operation(
            id, .brokers, summary,
            body: Operation.Body(
                contents: [("application/json", json), ("application/x-www-form-urlencoded", form)], isRequired: true
            ),
            answers: [.ok("Yes or no; no also to what cannot be read.", answer)],
            otherwise: Operation.Answer(
                status: .forbidden, description: "This broker may not ask.", schema: .error
            )
        )
    }

    // MARK: Questions

    private func judgeLogin(_ request: Request, _ context: LocalAPIContext) async -> Response {
        await self.answer(context) { () async throws(QuestionFault) in
            let fields = try await BrokerFields.read(request, self.body)
            let caller = try fields.caller(request, context)
            do throws(BrokerRefusal) {
                let admission = try await self.authority.admit(caller)
                var verdict: JSONObject = ["result": "allow", "is_superuser": .bool(admission.isSuperuser)]
                // EMQX disconnects the client then.
                verdict["expire_at"] = admission.expiresAt.map { .integer($0.milliseconds / 1000) }
                return verdict
            } catch {
                return Self.deny(error.description, context)
            }
        }
    }

    private func judgeAccess(_ request: Request, _ context: LocalAPIContext) async -> Response {
        await self.answer(context) { () async throws(QuestionFault) in
            let fields = try await BrokerFields.read(request, self.body)
            let caller = try fields.caller(request, context)
            let action = try Self.action(fields)
            let topic = try fields.requiredText("topic")
            switch await self.authority.decideOnce(action, on: topic, for: caller) {
            case .allowed: return ["result": "allow"]
            case .denied(let reason): return Self.deny(reason, context)
            }
        }
    }

    /// By its name, or by EMQX' number for it; where both are given they must agree.
    private static func action(_ fields: BrokerFields) throws(QuestionFault) -> BrokerAction {
        var actions: [BrokerAction] = []
        if let name = try fields.text("action") {
            guard name == "publish" || name == "subscribe" else { throw QuestionFault("“action” is not understood.") }
            actions.append(name == "publish" ? .publish : .subscribe)
        }
        switch fields.value("access") {
        case nil: break
        case .string("1"), .integer(1): actions.append(.subscribe)
        case .string("2"), .integer(2): actions.append(.publish)
        default: throw QuestionFault("“access” is not understood.")
        }
        guard let action = actions.first, actions.allSatisfy({ $0 == action }) else {
            throw QuestionFault("“action” is missing, or another than “access”.")
        }
        return action
    }

    // MARK: Answers

    private func answer(
        _ context: LocalAPIContext, _ judge: () async throws(QuestionFault) -> JSONObject
    ) async -> Response {
        do throws(QuestionFault) {
            return .json(.object(try await judge()))
        } catch {
            let response = Response.json(.object(Self.deny(error.reason, context)))
            return error.closesConnection ? response.closing(context.channel) : response
        }
    }

    /// EMQX has no place for the reason, so it is in the log of whoever looks for it.
    private static func deny(_ reason: String, _ context: LocalAPIContext) -> JSONObject {
        context.logger.debug("EMQX is told to deny", metadata: ["reason": "\(reason)"])
        return ["result": "deny"]
    }
}
