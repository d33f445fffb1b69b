import HTTPTypes
import StationCore

/// The API described for programs: OpenAPI 3.1, made of the routes themselves.
struct OpenAPIDocument {
    let endpoints: [Endpoint]
    let version: String

    var json: JSONValue {
        var components: [String: JSONObject] = Schema.error.components
        var paths = JSONObject()
        for endpoint in self.endpoints {
            var path = paths[endpoint.path]?.objectValue ?? JSONObject()
            path[endpoint.method.rawValue.lowercased()] = .object(self.operation(of: endpoint, &components))
            paths[endpoint.path] = .object(path)
        }
        var schemas = JSONObject()
        for (name, schema) in components.sorted(by: { $0.key < $1.key }) { schemas[name] = .object(schema) }
        var schemes = JSONObject()
        for scheme in SecurityScheme.allCases { schemes[scheme.rawValue] = scheme.json }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "station-agent", "version": .string(self.version),
                "description": "The station of a smart home on the local network.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "tags": .array(Operation.Tag.allCases.map { ["name": .string($0.rawValue)] }),
            "paths": .object(paths),
            "components": ["securitySchemes": .object(schemes), "schemas": .object(schemas)],
        ]
    }

    private func operation(of endpoint: Endpoint, _ components: inout [String: JSONObject]) -> JSONObject {
        let operation = endpoint.operation
        var json: JSONObject = [
            "operationId": .string(operation.id), "tags": [.string(operation.tag.rawValue)],
            "summary": .string(operation.summary),
        ]
        let parameters =
            endpoint.pathParameters.map { self.pathParameter($0) }
            + operation.query.map { self.parameter($0, in: "query") }
            + operation.headers.map { self.parameter($0, in: "header") }
        if !parameters.isEmpty { json["parameters"] = .array(parameters.map(JSONValue.object)) }
        if let body = operation.body {
            var content = JSONObject()
            for (mediaType, schema) in body.contents {
                content[mediaType] = ["schema": .object(schema.json)]
                components.merge(schema.components) { first, _ in first }
            }
            json["requestBody"] = ["required": .bool(body.isRequired), "content": .object(content)]
        }
        var responses = JSONObject()
        for answer in operation.answers {
            responses["\(answer.status.code)"] = .object(self.response(answer))
            components.merge(answer.schema?.components ?? [:]) { first, _ in first }
        }
        if let otherwise = operation.otherwise {
            responses["default"] = .object(self.response(otherwise))
            components.merge(otherwise.schema?.components ?? [:]) { first, _ in first }
        }
        let refusals = operation.otherwise == nil ? endpoint.refusals : []
        for status in refusals.sorted() where responses["\(status)"] == nil {
            responses["\(status)"] = [
                "description": .string(HTTPResponse.Status(known: status).reasonPhrase),
                "content": ["application/json": ["schema": .object(Schema.error.json)]],
            ]
        }
        json["responses"] = .object(responses)
        let schemes = endpoint.hooks.flatMap(\.schemes)
        if !schemes.isEmpty {
            json["security"] = .array(schemes.map { .object([$0.rawValue: []]) } + (endpoint.isOpenToSome ? [[:]] : []))
        }
        return json
    }

    private func pathParameter(_ name: String) -> JSONObject {
        let schema = Schema.pathParameters[name] ?? .uuid
        return ["name": .string(name), "in": "path", "required": true, "schema": .object(schema.json)]
    }

    private func parameter(_ parameter: Operation.Parameter, in place: String) -> JSONObject {
        var json: JSONObject = [
            "name": .string(parameter.name), "in": .string(place), "schema": .object(parameter.schema.json),
        ]
        if parameter.isRequired { json["required"] = true }
        if !parameter.description.isEmpty { json["description"] = .string(parameter.description) }
        return json
    }

    private func response(_ answer: Operation.Answer) -> JSONObject {
        var json: JSONObject = ["description": .string(answer.description)]
        if let schema = answer.schema {
            var content: JSONObject = [answer.mediaType: ["schema": .object(schema.json)]]
            for (mediaType, schema) in answer.alternatives {
                content[mediaType] = ["schema": .object(schema.json)]
            }
            json["content"] = .object(content)
        }
        if !answer.headers.isEmpty {
            var headers = JSONObject()
            for header in answer.headers {
                headers[header.name] = [
                    "description": .string(header.description), "schema": .object(header.schema.json),
                ]
            }
            json["headers"] = .object(headers)
        }
        return json
    }
}

extension Endpoint {
    /// Every status by which a request to it may be refused: by its hooks, its body, its path, its query, itself, and
    /// by what stands before all routes.
    var refusals: Set<Int> {
        var statuses: Set<Int> = [400, 503]
        statuses.formUnion(self.hooks.flatMap(\.refusals))
        statuses.formUnion(self.operation.refusals)
        if self.operation.body != nil { statuses.formUnion([408, 413, 415, 422]) }
        if !self.operation.query.isEmpty { statuses.insert(422) }
        if !self.pathParameters.isEmpty { statuses.insert(404) }
        return statuses
    }

    /// Whether some callers need show nothing, such as those on the station itself.
    fileprivate var isOpenToSome: Bool {
        self.hooks.contains { hook in
            (hook as? AnyOf)?.ways.contains { way in way.allSatisfy { $0.schemes.isEmpty } } ?? false
        }
    }
}

extension Schema {
    /// Parameters of paths that are no UUID.
    static let pathParameters: [String: Schema] = [
        "key": .pattern("^[A-Za-z0-9_\\-]{1,64}$"),
        "file": .pattern("^[A-Za-z0-9_@+\\-][A-Za-z0-9_.@+\\-]{0,127}$"),
    ]

    /// The one shape of all errors (contract 2, "Errors").
    static let error = Schema.object([
        ("statusCode", .integer), ("error", .string), ("message", .string),
        (
            "detail",
            .anyOf([
                .string,
                .array(.object([("loc", .array(.string)), ("msg", .string), ("type", .string)])),
            ])
        ),
        ("code", .string), ("requestId", .string),
    ]).named("Error")
}
