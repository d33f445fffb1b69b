import StationCore

/// Which security a device is talked to with. What it offers is taken or refused, never lowered: whoever stands between
/// can change what is said before the session.
enum EspressifPlan {
    static func security(
        offered version: EspressifVersion, proof: Secret?, options: EspressifOptions
    ) throws(ProvisioningFault) -> any EspressifSecurity {
        let detail = "the device offers security \(version.security), revision \(version.patch)"
        let proof = proof.flatMap { $0.isEmpty ? nil : $0 }
        guard version.security >= Int64(options.minimumSecurity) else {
            throw ProvisioningFault(.securityTooWeak, detail: detail)
        }
        // A person who has a code was given it with a device that asks for it.
        if proof != nil, version.security == 0 || (version.security == 1 && version.needsNoProof) {
            throw ProvisioningFault(.securityTooWeak, detail: "\(detail), without a proof of possession")
        }
        switch (version.security, version.patch) {
        case (0, _):
            return EspressifSecurity0()
        case (1, _):
            guard proof != nil || version.needsNoProof else { throw ProvisioningFault(.proofMissing, detail: detail) }
            return EspressifSecurity1(proof: proof ?? Secret(""))
        case (2, 0), (2, 1):
            guard let proof else { throw ProvisioningFault(.proofMissing, detail: detail) }
            let rule: EspressifSecurity2.NonceRule = version.patch == 0 ? .fixed : .counted
            return EspressifSecurity2(userName: options.userName, proof: proof, rule: rule)
        default:
            throw ProvisioningFault(.securityUnknown, detail: detail)
        }
    }
}
