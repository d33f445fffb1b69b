/// A descriptor's place in its loop. It names this registration alone: once unregistered it means nothing for ever.
public struct LoopRegistration: Sendable, Hashable {
    let slot: UInt32
    let generation: UInt32
}
