import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// Who belongs to a place, and as what (contract 2, "Places, sensors, actuators, thresholds, alerts").
///
/// The hooks keep strangers out; what each role may do is for `MembershipRule` to say, because it depends on the member.
struct PlaceMemberRoutes: Sendable {
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let path = "/api/places/{place}/members"
        book.add(
            .get, path, by: hooks.placeMember,
            Operation(
                "listPlaceMembers", .places, "The members of a place, in the order in which they came.",
                answers: [.ok("The members.", .object([("members", .array(.placeMember))]))]
            ),
            use: self.list
        )
        book.add(
            .post, path, by: hooks.placeMember,
            Operation(
                "addPlaceMember", .places, "Makes somebody with an account a member; an admin adds viewers only.",
                body: .json(.body([("email", .text(3...254)), ("role", .choice(PlaceRole.self))])),
                answers: [.ok("It is done.", .success)], refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .put, "\(path)/{user}", by: hooks.placeMember,
            Operation(
                "changePlaceMember", .places, "Gives a member another role; only the owner does, and never the own.",
                body: .json(.body([("role", .choice(PlaceRole.self))])), answers: [.ok("It is done.", .success)]
            ),
            use: self.change
        )
        book.add(
            .delete, "\(path)/{user}", by: hooks.placeMember,
            Operation(
                "removePlaceMember", .places, "Removes a member, or lets one leave; never the owner.",
                answers: [.ok("It is done.", .success)]
            ),
            use: self.remove
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let members = try await self.hub.members(of: context.placeID)
        return .json(["members": .array(members.map(\.json))])
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let email = body.text("email", .required) ?? ""
        let role = body.choice("role", of: PlaceRole.self, .required) ?? .viewer
        try body.finish()
        try await self.hub.addMember(
            email: email, role: role, to: context.placeID, by: context.placeRole(self.hub)
        )
        return .success
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let role = body.choice("role", of: PlaceRole.self, .required) ?? .viewer
        try body.finish()
        try await self.hub.changeRole(
            of: self.memberID(context), in: context.placeID, to: role, by: context.placeRole(self.hub)
        )
        return .success
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.hub.removeMember(
            self.memberID(context), from: context.placeID, by: context.user.id, as: context.placeRole(self.hub)
        )
        return .success
    }

    private func memberID(_ context: LocalAPIContext) throws(APIError) -> UserID {
        try context.pathID("user", of: User.self, orElse: APIError.notFound(.member))
    }
}
