import HTTPTypes
import StationCore

/// What people and programs are told of a route; the OpenAPI document is made of these.
struct Operation: Sendable {
    /// The chapters of the documentation.
    enum Tag: String, Sendable, CaseIterable {
        case accounts = "Accounts"
        case station = "Station"
        case host = "Network and system"
        case cloud = "Cloud"
        case devices = "Devices"
        case provisioning = "Adding new devices"
        case places = "Places"
        case sensors = "Sensors and actuators"
        case alerts = "Thresholds and alerts"
        case firmware = "Firmware"
        case brokers = "MQTT brokers"
        case live = "Live"
        case health = "Health"
    }

    /// `operationId`: unique, in camel case.
    let id: String
    let tag: Tag
    let summary: String
    var query: [Parameter] = []
    var headers: [Parameter] = []
    var body: Body?
    let answers: [Answer]
    /// Statuses by which the route itself refuses, besides those of its hooks, of its body and of its path.
    var refusals: Set<Int> = []
    /// What is said with every other status, where it is not the one shape of all errors; its own status is not shown.
    var otherwise: Answer?

    init(
        _ id: String, _ tag: Tag, _ summary: String, query: [Parameter] = [], headers: [Parameter] = [],
        body: Body? = nil, answers: [Answer], refusals: Set<Int> = [], otherwise: Answer? = nil
    ) {
        self.id = id
        self.tag = tag
        self.summary = summary
        self.query = query
        self.headers = headers
        self.body = body
        self.answers = answers
        self.refusals = refusals
        self.otherwise = otherwise
    }
}

extension Operation {
    /// An item of the query, or a header field.
    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        var description = ""
        var isRequired = false

        init(_ name: String, _ schema: Schema, _ description: String = "", isRequired: Bool = false) {
            self.name = name
            self.schema = schema
            self.description = description
            self.isRequired = isRequired
        }

        /// `page` and `perPage` of a list (contract 2, "Shapes").
        static let window: [Parameter] = [
            Parameter("page", .integer(1...Int64(ListWindow.maximumPage)), "The page; without it a plain array comes."),
            Parameter("perPage", .integer(1...Int64(ListWindow.maximumPageSize)), "How many elements at most."),
        ]
    }

    /// What a request carries: one schema for each media type that is taken.
    struct Body: Sendable {
        var contents: [(mediaType: String, schema: Schema)]
        var isRequired = true

        static func json(_ schema: Schema, isRequired: Bool = true) -> Body {
            Body(contents: [("application/json", schema)], isRequired: isRequired)
        }

        static let binary = Body(
            contents: [("application/octet-stream", Schema(["type": "string", "format": "binary"]))]
        )
    }

    /// One way in which a request succeeds.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let description: String
        var schema: Schema?
        var mediaType = "application/json"
        /// The other forms in which it may come.
        var alternatives: [(mediaType: String, schema: Schema)] = []
        var headers: [Parameter] = []

        static func ok(_ description: String, _ schema: Schema) -> Answer {
            Answer(status: .ok, description: description, schema: schema)
        }

        static func created(_ description: String, _ schema: Schema) -> Answer {
            Answer(status: .created, description: description, schema: schema)
        }

        static func accepted(_ description: String, _ schema: Schema) -> Answer {
            Answer(status: .accepted, description: description, schema: schema)
        }

        static func noContent(_ description: String) -> Answer {
            Answer(status: .noContent, description: description)
        }

        /// A list: a plain array, or with `page` a page of it.
        static func list(_ description: String, of element: Schema) -> Answer {
            let page = Schema.object([
                ("items", .array(element)), ("total", .integer), ("page", .integer), ("perPage", .integer),
                ("hasNext", .boolean), ("hasPrev", .boolean),
            ])
            var answer = Answer.ok(description, .anyOf([.array(element), page]))
            answer.headers = [Parameter("X-Total-Count", .integer, "How many there are in all.")]
            return answer
        }
    }
}
