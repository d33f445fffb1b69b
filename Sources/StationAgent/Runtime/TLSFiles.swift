import LocalAPI
import StationCore

/// The identity of the HTTP API as it lies on disk.
struct TLSFiles: Sendable {
    /// More than any chain has.
    private static let maximumSize = 1 << 20
    /// So long before the end of a certificate it is time to renew it.
    static let renewalTime = Duration.seconds(14 * 86_400)

    /// What is wrong with a file, named so that it can be mended.
    struct Fault: Error, Hashable, CustomStringConvertible {
        /// The setting that names the file.
        let setting: String
        /// Begins with the path.
        let message: String

        var description: String { "\(self.setting): \(self.message)." }
    }

    let section: TLSSection

    /// Reads both.
    ///
    /// - Throws: `Fault` for a file that cannot be read, is not PEM, or does not belong to the other.
    func load() throws(Fault) -> TLSIdentity {
        let certificateRow = ConfigurationCatalogue.httpCertFile.row
        let keyRow = ConfigurationCatalogue.httpKeyFile.row
        let chain = try self.read(self.section.certFile, certificateRow)
        let key = try self.read(self.section.keyFile, keyRow)
        do throws(TLSIdentity.Fault) {
            return try TLSIdentity(certificateChain: chain, key: key)
        } catch {
            switch error {
            case .certificate: throw Fault(setting: certificateRow.name, message: "\(self.section.certFile) \(error)")
            case .key: throw Fault(setting: keyRow.name, message: "\(self.section.keyFile) \(error)")
            }
        }
    }

    private func read(_ path: String, _ row: ConfigurationRow) throws(Fault) -> [UInt8] {
        do throws(BoundedFile.Fault) {
            return try BoundedFile.read(path, limit: Self.maximumSize)
        } catch {
            throw Fault(setting: row.name, message: error.description)
        }
    }

    /// What people should know of the dates of a certificate; `nil` while all is well.
    static func concern(_ identity: TLSIdentity, at time: Timestamp) -> String? {
        if time < identity.notValidBefore {
            return "the certificate is valid only from \(identity.notValidBefore); is the clock right?"
        }
        if identity.notValidAfter < time { return "the certificate expired at \(identity.notValidAfter)" }
        if identity.notValidAfter < time.adding(Self.renewalTime) {
            return "the certificate expires at \(identity.notValidAfter)"
        }
        return nil
    }
}
