public import StationCore

extension JSONValue {
    /// What lies at the end of a path of keys; `nil` when something on the way is missing.
    public subscript(path: String...) -> JSONValue? {
        path.reduce(self) { value, key in value?.objectValue?[key] }
    }
}
