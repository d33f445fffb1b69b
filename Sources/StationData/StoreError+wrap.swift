import GRDB

extension StoreError {
    /// Runs something on SQLite and turns what it throws into a `StoreError`.
    static func wrap<Result>(_ what: String, _ body: () throws -> Result) throws(StoreError) -> Result {
        do {
            return try body()
        } catch {
            throw Self.wrapping(error, what)
        }
    }

    /// As `wrap`, for what waits.
    static func wrapping<Result>(
        _ what: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws(StoreError) -> Result {
        do {
            return try await body()
        } catch {
            throw Self.wrapping(error, what)
        }
    }

    private static func wrapping(_ error: any Error, _ what: String) -> StoreError {
        switch error {
        case let error as StoreError: error
        // The message alone: the SQL and its arguments may hold what nobody should read in a log.
        case let error as DatabaseError: Self.of(error, what)
        case is CancellationError: .unavailable("\(what): cancelled")
        default: .unavailable("\(what): \(error)")
        }
    }

    private static func of(_ error: DatabaseError, _ what: String) -> StoreError {
        let detail = "\(what): \(error.message ?? "SQLite error") (code \(error.extendedResultCode.rawValue))"
        return DiskFault(error).map { .disk($0, detail) } ?? .unavailable(detail)
    }
}
