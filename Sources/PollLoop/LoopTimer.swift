/// A timer of a loop. Once fired (unless it repeats) or cancelled it means nothing for ever.
public struct LoopTimer: Sendable, Hashable {
    let number: UInt64
}
