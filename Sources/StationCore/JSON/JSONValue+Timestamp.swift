extension JSONValue {
    /// ISO 8601 in UTC with milliseconds, or `null`.
    public init(_ time: Timestamp?) {
        self.init(time?.description)
    }
}
