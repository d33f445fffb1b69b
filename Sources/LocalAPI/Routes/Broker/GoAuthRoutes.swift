import Accounts
import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// `POST /mqtt/user`, `/mqtt/acl`, `/mqtt/superuser`: the questions of mosquitto-go-auth (contract 6, "HTTP fronts").
///
/// The broker takes a 5xx for a fault of its own and drops the client's connection, so none is ever the answer to a
/// denial or to what cannot be read.
struct GoAuthRoutes: Sendable {
    private typealias Judge =
        @Sendable (BrokerCaller, BrokerFields) async throws(QuestionFault) -> BrokerDecision

    private static let path = "/mqtt"

    let authority: BrokerAuthority
    let body: WholeBody

    /// Whether a path is that of a question.
    static func isQuestion(_ path: String) -> Bool { path.hasPrefix("\(self.path)/") }

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .post, "\(Self.path)/user", by: hooks.broker,
            Self.operation("judgeBrokerLogin", "Whether a broker may let a client in.", .brokerLogin, .brokerLoginForm),
            reading: .streamed
        ) { request, context in await self.answer(request, context, self.judgeLogin) }
        book.add(
            .post, "\(Self.path)/acl", by: hooks.broker,
            Self.operation(
                "judgeBrokerAccess", "Whether a client of a broker may do something with a topic.", .brokerAccess,
                .brokerAccessForm, needsBody: true),
            reading: .streamed
        ) { request, context in await self.answer(request, context, self.judgeAccess) }
        book.add(
            .post, "\(Self.path)/superuser", by: hooks.broker,
            Self.operation(
                "judgeBrokerSuperuser", "Whether a client of a broker may do everything.", .brokerLogin,
                .brokerLoginForm),
            reading: .streamed
        ) { request, context in await self.answer(request, context, self.judgeSuperuser) }
    }

    private static func operation(
        _ id: String, _ summary: String, _ json: Schema, _ form: Schema, needsBody: Bool = false
    ) -> Operation {
        var yes = Operation.Answer.ok("Yes; as text `ok`.", .brokerVerdict)
        yes.alternatives = [("text/plain", .string)]
        var no = Operation.Answer(
            status: .forbidden, description: "No, and why; 400 for what cannot be read.",
            schema: .anyOf([.brokerVerdict, .error])
        )
        no.alternatives = [("text/plain", .string)]
        return Operation(
            id, .brokers, summary,
            query: [.init("format", .choice(["json", "text"]), "What the answer is written in, by default JSON.")],
            body: Operation.Body(
                contents: [("application/json", json), ("application/x-www-form-urlencoded", form)],
                isRequired: needsBody
            ),
            answers: [yes], otherwise: no
        )
    }

    // MARK: Questions

    @Sendable private func judgeLogin(_ caller: BrokerCaller, _ fields: BrokerFields) async -> BrokerDecision {
        do throws(BrokerRefusal) {
            _ = try await self.authority.admit(caller)
            return .allowed
        } catch {
            return .denied(error.description)
        }
    }

    @Sendable private func judgeAccess(
        _ caller: BrokerCaller, _ fields: BrokerFields
    ) async throws(QuestionFault) -> BrokerDecision {
        guard let mask = fields.value("acc") else { throw QuestionFault("“acc” is missing.") }
        guard let actions = AccessMask.actions(mask) else {
            throw QuestionFault("“acc” is not understood; it must be \(AccessMask.rule).")
        }
        let topic = try fields.requiredText("topic")
        guard !actions.isEmpty else { return .denied("invalid acc mask") }
        return await self.authority.decide(actions, on: topic, for: caller)
    }

    @Sendable private func judgeSuperuser(_ caller: BrokerCaller, _ fields: BrokerFields) async -> BrokerDecision {
        await self.authority.decideSuperuser(caller)
    }

    // MARK: Answers

    private func answer(_ request: Request, _ context: LocalAPIContext, _ judge: Judge) async -> Response {
        var isText = false
        do throws(QuestionFault) {
            isText = try Self.wantsText(request)
            let fields = try await BrokerFields.read(request, self.body)
            switch try await judge(fields.caller(request, context), fields) {
            case .allowed: return Self.verdict(.ok, "authorized", isText: isText)
            case .denied(let reason): return Self.verdict(.forbidden, reason, isText: isText)
            }
        } catch {
            let response = Self.verdict(.badRequest, error.reason, isText: isText)
            return error.closesConnection ? response.closing(context.channel) : response
        }
    }

    private static func wantsText(_ request: Request) throws(QuestionFault) -> Bool {
        do throws(APIError) {
            var query = try QueryReader(request)
            let format = query.choice("format", of: Format.self)
            try query.finish()
            return format == .text
        } catch {
            throw QuestionFault(error)
        }
    }

    private enum Format: String, CaseIterable {
        case json, text
    }

    /// In JSON as brokers read it whatever they are set to, the status or the body; in text the bare word.
    private static func verdict(_ status: HTTPResponse.Status, _ reason: String, isText: Bool) -> Response {
        let isYes = status == .ok
        guard isText else {
            return .json(
                [
                    "ok": .bool(isYes), "reason": .string(reason), "error": .string(isYes ? "" : reason),
                ], status: status
            )
        }
        return Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: isYes ? "ok" : reason))
        )
    }
}
