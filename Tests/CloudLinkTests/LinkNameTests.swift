import Testing

@testable import CloudLink

@Suite("Names in certificates (RFC 9525)")
struct LinkNameTests {
    @Test(
        "A certificate is for a host that it names, or whose first label it leaves open",
        arguments: [
            ("cloud.example.org", "cloud.example.org", true), ("Cloud.Example.ORG", "cloud.example.org", true),
            ("cloud.example.org", "cloud.example.org.", true), ("*.example.org", "cloud.example.org", true),
            ("localhost", "localhost", true), ("*.example.org", "a.b.example.org", false),
            ("*.example.org", "example.org", false), ("*.org", "example.org", false), ("*", "localhost", false),
            ("c*.example.org", "cloud.example.org", false), ("cloud.*.org", "cloud.example.org", false),
            ("example.org", "cloud.example.org", false), ("", "cloud.example.org", false), ("*.", "a.", false),
            ("*.example.org", ".example.org", false),
        ]
    )
    func names(_ pattern: String, _ host: String, _ isMatch: Bool) {
        #expect(CertificateWatch.matches(pattern, host) == isMatch)
    }
}
