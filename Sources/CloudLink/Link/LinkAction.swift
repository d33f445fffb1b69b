public import StationCore

/// What is to be done for the link, in this order.
public enum LinkAction: Sendable, Equatable {
    /// Open a connection; answered by `opened` or `closed`.
    case connect
    case send(LinkGreeting)
    /// Send a WebSocket ping with this number; each connection counts from 1.
    case ping(Int)
    /// Give the connection up without a word.
    case drop
    /// Close the connection politely, without waiting for it.
    case close(LinkCloseReason)
    /// Keep the token that the cloud gave; answered by `credentialsChanged` or `storeFailed`.
    case storeToken(Secret)
    /// The token was refused for good: keep it for a day, renew the claim secret (contract 4). Answered by
    /// `credentialsChanged`; if it fails, by nothing, and the next refusal asks again.
    case setTokenAside
    /// Acknowledge, tell the devices, wipe, end the process (contract 4, "Station reset").
    case resetStation
    /// The cloud may call from now on, and gets what it wants to hear.
    case beginRPC
    case endRPC
    /// The message that was just handed in is for those who serve the authenticated cloud.
    case deliver
    /// The message that was just handed in is not obeyed.
    case ignore
    /// The one timer: at this time, or never.
    case setTimer(MonotonicInstant?)
    /// The state is new; why, if something went wrong.
    case report(LinkState, because: String?)
    /// The cloud's certificate is not accepted: told at most once an hour (contract 4).
    case warnOfCertificate(String)
}
