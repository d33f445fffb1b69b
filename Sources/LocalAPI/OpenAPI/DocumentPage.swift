import Crypto
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// The OpenAPI document as a page of HTML: complete in itself, without scripts, and nothing in it comes from elsewhere.
struct DocumentPage: Sendable {
    private let html: ByteBuffer
    private let policy: String

    init(_ document: JSONValue) {
        let style = Self.styleSheet
        var body = ""
        let tags = document["tags"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        for tag in tags {
            let operations = Self.operations(of: document, tagged: tag)
            if !operations.isEmpty { body += "<h2>\(Self.escaped(tag))</h2>\n" + operations.joined() }
        }
        body += "<h2>Schemas</h2>\n"
        for schema in document["components"]?["schemas"]?.objectValue?.members ?? [] {
            body +=
                "<details id=\"\(Self.escaped(schema.key))\"><summary><code>\(Self.escaped(schema.key))</code></summary>"
            body += "<pre>\(Self.escaped(schema.value.description))</pre></details>\n"
        }
        let version = document["info"]?["version"]?.stringValue ?? ""
        self.html = ByteBuffer(
            string: """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>station-agent API</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <style>\(style)</style></head><body>
                <h1>station-agent API <small>\(Self.escaped(version))</small></h1>
                <p>For programs: <a href="/openapi.json">/openapi.json</a>.</p>
                \(body)</body></html>
                """
        )
        let hash = Data(SHA256.hash(data: Array(style.utf8))).base64EncodedString()
        self.policy = "default-src 'none'; style-src 'sha256-\(hash)'; frame-ancestors 'none'"
    }

    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
                .contentSecurityPolicy: self.policy,
            ],
            body: ResponseBody(byteBuffer: self.html)
        )
    }

    private static func operations(of document: JSONValue, tagged tag: String) -> [String] {
        (document["paths"]?.objectValue?.members ?? []).flatMap { path in
            (path.value.objectValue?.members ?? []).compactMap { method -> String? in
                guard method.value["tags"]?.arrayValue?.contains(.string(tag)) ?? false else { return nil }
                return self.section(path.key, method.key, method.value)
            }
        }
    }

    private static func section(_ path: String, _ method: String, _ operation: JSONValue) -> String {
        var rows = ""
        let schemes = operation["security"]?.arrayValue?.compactMap { $0.objectValue?.members.first?.key } ?? []
        rows += self.row("Who", schemes.isEmpty ? "everybody" : schemes.joined(separator: " or "))
        for parameter in operation["parameters"]?.arrayValue ?? [] {
            let place = parameter["in"]?.stringValue ?? ""
            let text = [parameter["description"]?.stringValue, parameter["schema"]?.description]
            rows += self.row(
                "\(place) \(parameter["name"]?.stringValue ?? "")", text.compactMap(\.self).joined(separator: " ")
            )
        }
        for content in operation["requestBody"]?["content"]?.objectValue?.members ?? [] {
            rows += self.row("body \(content.key)", content.value["schema"]?.description ?? "")
        }
        for response in operation["responses"]?.objectValue?.members ?? [] {
            let schema = response.value["content"]?.objectValue?.members.first?.value["schema"]?.description
            let text = [response.value["description"]?.stringValue, schema]
            rows += self.row(response.key, text.compactMap(\.self).joined(separator: " "))
        }
        return """
            <details><summary><b>\(method.uppercased())</b> <code>\(self.escaped(path))</code> \
            \(self.escaped(operation["summary"]?.stringValue ?? ""))</summary><table>\(rows)</table></details>

            """
    }

    private static func row(_ name: String, _ text: String) -> String {
        "<tr><th>\(self.escaped(name))</th><td>\(self.escaped(text))</td></tr>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let styleSheet = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
        details{border-bottom:1px solid #8884;padding:.4rem 0}summary{cursor:pointer}
        b{display:inline-block;min-width:4rem}th{text-align:left;vertical-align:top;padding-right:1rem;white-space:nowrap}
        td{overflow-wrap:anywhere}pre{overflow:auto}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8cf}}
        """
}
