import StationCore
import StationSocket

extension LiveSession {
    /// What a client said that means nothing, in words for its author.
    private struct Misunderstanding: Error {
        let message: String
    }

    /// Takes one message of the client's.
    func receive(_ message: SocketMessage) async {
        do {
            let object = try Self.object(of: message)
            let type = object["type"]?.stringValue ?? ""
            guard self.client.identity != nil || type == "auth" else {
                self.connection.close(.policyViolation, reason: "the first message must be auth with a token")
                return
            }
            try await self.obey(type, object)
            self.client.behavedWell()
        } catch let error as Misunderstanding {
            guard self.client.identity != nil, self.client.misbehaved() < Self.errorsForgiven else {
                self.connection.close(.policyViolation, reason: error.message)
                return
            }
            let answer: JSONValue = ["type": "error", "message": .string(error.message)]
            try? await self.connection.send(answer.description)
        } catch {
            // It is closed.
        }
    }

    private static func object(of message: SocketMessage) throws -> JSONObject {
        guard case .text(let text) = message else {
            throw Misunderstanding(message: "A message must be text; this was binary.")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(Array(text.utf8))
        } catch {
            throw Misunderstanding(message: "A message must be JSON: \(error).")
        }
        guard let object = value.objectValue else {
            throw Misunderstanding(message: "A message must be a JSON object; this was \(value.kind).")
        }
        return object
    }

    private func obey(_ type: String, _ object: JSONObject) async throws {
        switch type {
        case "auth":
            guard let token = object["token"]?.stringValue else {
                throw Misunderstanding(message: "“token” is missing; it must be an access token.")
            }
            await self.authenticate(Secret(token))
        case "subscribe":
            let (topics, devices) = try Self.choice(of: object)
            self.client.choose(topics: topics, devices: devices)
        case "ping":
            try await self.connection.send(#"{"type":"pong"}"#)
        case "provisioning_start":
            self.seat.take()
        case "provisioning_stop":
            self.seat.leave()
        default:
            throw Misunderstanding(
                message: "“type” is “\(type.prefix(40))”; it must be auth, subscribe, provisioning_start, "
                    + "provisioning_stop or ping."
            )
        }
    }

    private static func choice(of object: JSONObject) throws -> (topics: Set<LiveTopic>?, devices: Set<DeviceID>?) {
        var choice: (topics: Set<LiveTopic>?, devices: Set<DeviceID>?)
        if let topics = object["topics"], topics != .null {
            guard let names = topics.arrayValue, names.count <= LiveTopic.allCases.count else {
                throw Misunderstanding(message: "“topics” must be an array of topics.")
            }
            choice.topics = try Set(
                names.map { name in
                    guard let topic = name.stringValue.flatMap(LiveTopic.init) else {
                        let allowed = LiveTopic.allCases.map(\.rawValue).joined(separator: ", ")
                        throw Misunderstanding(
                            message: "There is no topic \(name.description.prefix(40)); there are \(allowed).")
                    }
                    return topic
                }
            )
        }
        if let devices = object["deviceIds"], devices != .null {
            guard let ids = devices.arrayValue, ids.count <= 1000 else {
                throw Misunderstanding(message: "“deviceIds” must be an array of at most 1000 ids.")
            }
            choice.devices = try Set(
                ids.map { id in
                    guard let id = id.stringValue.flatMap({ DeviceID($0) }) else {
                        throw Misunderstanding(message: "\(id.description.prefix(50)) is no id of a device.")
                    }
                    return id
                }
            )
        }
        return choice
    }
}
