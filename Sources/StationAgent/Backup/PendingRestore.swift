import Glibc
import StationCore

/// A restore that has been decided: the new store and the new secrets lie beside the old ones, checked and durable, and
/// a file says that they are to take their place.
///
/// Two files cannot be replaced in one stroke. The making of that file is the stroke: before it the station is the old
/// one, whatever lies around; after it every process that opens the station first does the steps that are left, so that
/// it never sees the store of one station with the secrets of another.
struct PendingRestore: Sendable, Equatable {
    /// In this order; doing one again does no harm.
    enum Step: CaseIterable {
        case keepOldStore, removeOldLog, placeStore, keepOldSecrets, placeSecrets, forget
    }

    /// What SQLite may keep beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]
    private static let sizeLimit = 1024

    let data: DataSection
    /// What is put behind the names of the old files; nil if there are none.
    let suffix: String?

    static func stagedStore(_ data: DataSection) -> String { "\(data.storePath).restoring" }
    static func stagedSecrets(_ data: DataSection) -> String { "\(data.secretsPath).restoring" }
    private static func decision(_ data: DataSection) -> String { "\(data.directory)/restore.json" }

    /// Clears away what a restore that was not decided has left behind.
    static func abandon(_ data: DataSection) {
        // First: a decision that could not be made durable must not be found with half of its files.
        unlink(self.decision(data))
        for path in [self.stagedStore(data), self.stagedSecrets(data)] {
            for name in [""] + self.companions { unlink(path + name) }
        }
    }

    /// The stroke. The staged files must be whole and durable.
    func decide() throws(StorageError) {
        try DurableFile.synchronizeDirectory(of: self.data.storePath)
        let value: JSONValue = ["oldFiles": JSONValue(self.suffix)]
        guard try DurableFile.create(Self.decision(self.data), value.serialized()) else {
            throw StorageError(
                kind: .inputOutput, path: Self.decision(self.data), problem: "is there already",
                remedy: "Another restore is at work or was interrupted: try again")
        }
    }

    /// Ends a restore that was decided, if there is one.
    static func complete(_ data: DataSection) throws(StorageError) {
        let path = self.decision(data)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw StorageError(path, cannotBe: "opened", code: errno)
        }
        defer { close(descriptor) }
        // One process at a time; the others find it done.
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw StorageError(path, cannotBe: "locked", code: errno) }
        }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_nlink > 0 else { return }
        let restore = PendingRestore(data: data, suffix: try self.suffix(in: path))
        for step in Step.allCases { try restore.perform(step) }
    }

    private static func suffix(in path: String) throws(StorageError) -> String? {
        let value: JSONValue
        do {
            value = try JSONValue.parse(BoundedFile.read(path, limit: self.sizeLimit))
        } catch {
            throw self.damaged(path)
        }
        switch value.objectValue?["oldFiles"] {
        case .null?: return nil
        case .string(let suffix)? where TopicName.isValid(suffix): return suffix
        default: throw self.damaged(path)
        }
    }

    private static func damaged(_ path: String) -> StorageError {
        StorageError(
            kind: .damaged, path: path, problem: "does not say how to end the restore that was interrupted",
            remedy: "Remove it, and restore the backup again")
    }

    // MARK: - Steps

    func perform(_ step: Step) throws(StorageError) {
        let store = self.data.storePath
        switch step {
        case .keepOldStore:
            guard DurableFile.isThere(Self.stagedStore(self.data)) else { return }
            try self.keep(store)
            // Under this name SQLite finds the log that belongs to it.
            try self.keep(store, companion: "-wal")
        case .removeOldLog:
            guard DurableFile.isThere(Self.stagedStore(self.data)) else { return }
            // With the log of another, the new store would be neither.
            for name in Self.companions { try Self.remove(store + name) }
        case .placeStore: try Self.place(Self.stagedStore(self.data), at: store)
        case .keepOldSecrets:
            guard DurableFile.isThere(Self.stagedSecrets(self.data)) else { return }
            try self.keep(self.data.secretsPath)
        case .placeSecrets: try Self.place(Self.stagedSecrets(self.data), at: self.data.secretsPath)
        case .forget: try Self.remove(Self.decision(self.data))
        }
        try DurableFile.synchronizeDirectory(of: store)
    }

    /// Gives an old file a second name; what is there already is from an earlier try.
    private func keep(_ path: String, companion: String = "") throws(StorageError) {
        guard let suffix = self.suffix else { return }
        let name = "\(path).\(suffix)\(companion)"
        guard link(path + companion, name) == 0 || errno == EEXIST || errno == ENOENT else {
            throw StorageError(name, cannotBe: "made", code: errno)
        }
    }

    private static func place(_ staged: String, at path: String) throws(StorageError) {
        guard rename(staged, path) == 0 || errno == ENOENT else {
            throw StorageError(path, cannotBe: "replaced", code: errno)
        }
    }

    private static func remove(_ path: String) throws(StorageError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw StorageError(path, cannotBe: "removed", code: errno)
        }
    }
}
