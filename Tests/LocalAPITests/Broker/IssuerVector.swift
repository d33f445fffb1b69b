import Accounts
import StationCore
import Testing

/// An issuer whose tokens were made with OpenSSL and are good until the year 2100.
enum IssuerVector {
    private static let header = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0"
    private static let claims = "eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOj"

    /// Of `{…, "sub": "reader", "scope": "mqtt.read"}`.
    static let reader = Secret(
        header + ".\(claims)QxMDI0NDQ4MDAsInN1YiI6InJlYWRlciIsInNjb3BlIjoibXF0dC5yZWFkIn0."
            + "lkCwdAU0ugber8zWffT0nRMYikWx1OuzhWuef5soduO2eFP3w5TOJmWE5MFOovdkEFhwf5dUpv86MIjrjh1f1w"
    )
    /// Of `{…, "sub": "boss", "groups": ["/admins"]}`.
    static let admin = Secret(
        header + ".\(claims)QxMDI0NDQ4MDAsInN1YiI6ImJvc3MiLCJncm91cHMiOlsiL2FkbWlucyJdfQ."
            + "RTUPsPbn7nDRhSrwV7DjSq1RUgrD3buxdujomlRNNuvHViU5VLeFCGSaxE5Pc1ebAfTFrdxJlMAIWCcee5xZjQ"
    )
    /// As that of the reader, and over since 2023.
    static let old = Secret(
        header + ".\(claims)E3MDAwMDAwMDEsInN1YiI6InJlYWRlciIsInNjb3BlIjoibXF0dC5yZWFkIn0."
            + "sZD0BANjDUkfk_C1uAkmqyqSslUQ6vMSqgiU_GZFmLxOdfiM7hcbbquubNelJECGfywA73I-517Mqg06bMfCRw"
    )
    /// The second at which the others end.
    static let end = 4_102_444_800

    private static let keys = """
        {"keys":[{"kty":"EC","kid":"k1","crv":"P-256","x":"GOmxNnNRLk6X3xaVj5gcTLBtRVIBIfPyzNpaFJjSYls",\
        "y":"fY_5iQtqZgIFr1I2Aq7m5TRp22pToj9Dnz-b1655qKo"}]}
        """

    /// What takes its tokens.
    static func tokens() async throws -> IssuerTokens {
        let tokens = IssuerTokens(settings: IssuerSettings(issuer: "https://issuer.example"))
        let count = try await tokens.replaceKeys(jwks: Array(self.keys.utf8))
        #expect(count == 1)
        return tokens
    }

    /// The reader may see `celine/#`, admins are superusers.
    static func policy(topic: String = "celine/#") throws -> BrokerPolicy {
        try BrokerPolicy(json: [
            "mqtt": [
                "acl": ["rules": [["subjects": [:], "topics": [.string(topic)], "actions": "*"]]],
                "roles": [
                    "group_permissions": ["admins": ["superuser"]],
                    "scope_permissions": ["mqtt.read": ["subscribe", "read"]],
                ],
            ]
        ])
    }
}
