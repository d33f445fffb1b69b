/// The certificate of the HTTP API and its key, both PEM files.
struct TLSSection: Sendable, Equatable {
    let certFile: String
    let keyFile: String

    /// Nil without either file: plain HTTP. One without the other is a fault.
    static func read(_ values: inout ConfigurationValues) -> TLSSection? {
        let certRow = ConfigurationCatalogue.httpCertFile.row
        let keyRow = ConfigurationCatalogue.httpKeyFile.row
        let faults = values.errors.count
        let certFile = values.read(ConfigurationCatalogue.httpCertFile)
        let keyFile = values.read(ConfigurationCatalogue.httpKeyFile)
        if let certFile, let keyFile { return TLSSection(certFile: certFile, keyFile: keyFile) }
        // A file that is named but unusable has been reported already; it is not missing.
        guard values.errors.count == faults else { return nil }
        if certFile != nil {
            values.fault(keyRow, "it is missing, but \(certRow.name) is there", allowed: "both files or neither")
        } else if keyFile != nil {
            values.fault(certRow, "it is missing, but \(keyRow.name) is there", allowed: "both files or neither")
        }
        return nil
    }
}
