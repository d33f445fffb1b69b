import FoundationEssentials
import GRDB
import StationCore

/// The one row of `cloud_config`.
struct CloudTable {
    let db: Database
    let seal: SecretSeal
    let chipID: String

    /// What is stored; `nil` before the first start, and when the claim secret was closed with another key. A token that
    /// cannot be opened counts as none and stays where it is: with the old key it works again.
    func claim() throws -> CloudClaim? {
        guard
            let row = try Row.fetchOne(
                self.db,
                sql: """
                    SELECT claim_secret, station_token, claimed_at, token_aside, aside_at, channels, reset_step
                    FROM cloud_config
                    """
            ), let secret = self.seal.open(row["claim_secret"] as Data)
        else { return nil }
        var claim = CloudClaim(chipID: self.chipID, claimSecret: secret)
        if let token = (row["station_token"] as Data?).flatMap(self.seal.open) {
            claim.stationToken = token
            claim.claimedAt = (row["claimed_at"] as Int64?).map(Timestamp.init)
        }
        if let token = (row["token_aside"] as Data?).flatMap(self.seal.open), let since = row["aside_at"] as Int64? {
            claim.aside = CloudClaim.TokenAside(token: token, since: Timestamp(milliseconds: since))
        }
        if let text = row["channels"] as String? {
            // A channel that only another version knows is none here.
            let names = try JSONValue.parse(text).arrayValue ?? []
            claim.chosenChannels = Set(names.compactMap(\.stringValue).compactMap(CloudChannel.init))
        }
        claim.resetStep = (row["reset_step"] as String?).flatMap(CloudClaim.ResetStep.init)
        return claim
    }

    /// Whether there is a token that the present key does not open.
    func hasUnreadableToken() throws -> Bool {
        guard let bytes = try Data.fetchOne(self.db, sql: "SELECT station_token FROM cloud_config") else {
            return false
        }
        return self.seal.open(bytes) == nil
    }

    /// What is stored; before the first start, and with a new key, a new claim secret is made and stored.
    func claimOrNew(at time: Timestamp) throws -> CloudClaim {
        if let claim = try self.claim() { return claim }
        try self.db.execute(
            sql: """
                INSERT INTO cloud_config (only_row, claim_secret, updated_at) VALUES (1, ?, ?)
                ON CONFLICT (only_row) DO UPDATE SET claim_secret = excluded.claim_secret, updated_at = excluded.updated_at
                """,
            arguments: [try self.seal.close(OpaqueToken.make()), time.milliseconds]
        )
        guard let claim = try self.claim() else { throw StoreError.unavailable("the claim cannot be read back") }
        return claim
    }

    /// Writes all of a claim.
    func replace(by claim: CloudClaim, at time: Timestamp) throws {
        let channels = claim.chosenChannels.map { channels in
            JSONValue.array(channels.map(\.rawValue).sorted().map(JSONValue.string)).description
        }
        try self.db.execute(
            sql: """
                INSERT OR REPLACE INTO cloud_config
                    (only_row, claim_secret, station_token, claimed_at, token_aside, aside_at, channels, reset_step,
                    updated_at)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try self.seal.close(claim.claimSecret), try claim.stationToken.map(self.seal.close),
                claim.claimedAt?.milliseconds, try claim.aside.map { try self.seal.close($0.token) },
                claim.aside?.since.milliseconds, channels, claim.resetStep?.rawValue, time.milliseconds,
            ]
        )
    }
}
