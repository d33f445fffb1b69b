import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// The link to the cloud as people meet it: how it stands, how to claim the station, how to end that (contract 4,
/// "Local view").
struct CloudRoutes: Sendable {
    let cloud: any CloudLinking

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let claimants: [any RequestHook] = [AnyOf([UnclaimedAtLoopback(cloud: self.cloud)], hooks.owner)]
        book.add(
            .get, "/api/cloud/status", by: hooks.user,
            Operation(
                "getCloudStatus", .cloud, "How the link to the cloud stands.", answers: [.ok("The link.", .cloudStatus)]
            )
        ) { _, _ in .json(self.cloud.status.json) }
        book.add(
            .get, "/api/cloud/claim", by: claimants,
            Operation(
                "getCloudClaim", .cloud,
                "What the cloud has to be told to claim this station, also as a QR code in SVG.",
                answers: [.ok("Whoever has it can claim the station.", .cloudClaim)], refusals: [404, 409]
            )
        ) { _, _ in try self.claim() }
        var image = Operation.Answer.ok("The QR code.", .string)
        image.mediaType = "image/svg+xml"
        book.add(
            .get, "/api/cloud/claim.svg", by: claimants,
            Operation(
                "getCloudClaimImage", .cloud, "The QR code by which the cloud claims this station.", answers: [image],
                refusals: [404, 409]
            )
        ) { _, _ in try self.image() }
        book.add(
            .post, "/api/cloud/unclaim", by: hooks.owner,
            Operation(
                "unclaimStation", .cloud, "Ends the cloud's hold on this station; users, devices and history stay.",
                answers: [.ok("The link.", .cloudStatus)], refusals: [404]
            )
        ) { _, _ in try await self.unclaim() }
    }

    private func claim() throws -> Response {
        let (offer, code) = try self.offer()
        return .json([
            "chipId": .string(offer.chipID), "claimSecret": .string(offer.claimSecret.revealed),
            "qr": .string(code.svg),
        ])
    }

    private func image() throws -> Response {
        let body = ByteBuffer(string: try self.offer().code.svg)
        return Response(
            status: .ok, headers: [.contentType: "image/svg+xml"], body: ResponseBody(byteBuffer: body)
        )
    }

    private func offer() throws -> (offer: CloudClaimOffer, code: QRCode) {
        let status = self.cloud.status
        guard status.state != .off else { throw APIError.noCloud }
        guard !status.isClaimed, let offer = self.cloud.claimOffer, let code = QRCode(offer.qrText.revealed) else {
            throw APIError.claimedAlready
        }
        return (offer, code)
    }

    private func unclaim() async throws -> Response {
        guard self.cloud.status.state != .off else { throw APIError.noCloud }
        try await self.cloud.unclaim()
        return .json(self.cloud.status.json)
    }
}
