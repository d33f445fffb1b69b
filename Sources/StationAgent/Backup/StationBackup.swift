import Glibc
import StationCore
import StationData

/// Puts the station, which is its store and its secrets, into one file, and back (contract 7). The daemon may be running
/// while a backup is made.
struct StationBackup {
    private static let remedy = "Choose a file in a directory that exists, has room and can be written to"

    let setup: AgentSetup
    let clock: any StationClock

    private var data: DataSection { self.setup.configuration.data }

    // MARK: - There

    /// What a backup is like.
    struct Made {
        let stationID: StationID
        let byteCount: Int
        /// False where the file system keeps no modes.
        let isPrivate: Bool
        let madeAt: Timestamp
    }

    /// Makes a backup; the daemon may be running.
    ///
    /// - Throws: `StorageError`, `StoreError`, `BackupError`.
    func make(at path: String) throws -> Made {
        umask(0o077)
        guard BoundedFile.kind(of: self.data.directory) == .directory else { throw self.noStation(self.data.directory) }
        try self.setup.prepareDirectory()
        guard BoundedFile.kind(of: self.data.storePath) == .file else { throw self.noStation(self.data.storePath) }
        let database = try StationDatabase.open(path: self.data.storePath)
        let made = try self.make(of: database, at: path)
        try database.close()
        return made
    }

    /// Makes a backup of a store that is open, and names it only when it has been found good. Blocks.
    ///
    /// - Throws: `StorageError`, `BackupError`.
    func make(of database: StationDatabase, at path: String) throws -> Made {
        let file = SecretsFile(path: self.data.secretsPath)
        guard let secrets = try file.load(), let text = try file.text() else {
            throw self.noStation(self.data.secretsPath)
        }
        let note = BackupNote(madeAt: self.clock.wallTime, agentVersion: AgentVersion.text, secrets: text)
        let isMade = try DurableFile.build(path, remedy: Self.remedy) { temporary in
            defer { unlink("\(temporary)-journal") }
            try database.backup(to: temporary, renamedTo: path, note: note)
            try self.verify(temporary)
        }
        guard isMade else {
            throw StorageError(
                kind: .inputOutput, path: path, problem: "is there already", remedy: "Remove it, or name another file")
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw StorageError(path, cannotBe: "looked at", code: errno) }
        return Made(
            stationID: secrets.stationID, byteCount: Int(facts.st_size), isPrivate: facts.st_mode & 0o077 == 0,
            madeAt: note.madeAt)
    }

    /// A copy that is no good shows that what it was copied from is not.
    private func verify(_ copy: String) throws(BackupError) {
        do throws(BackupError) {
            _ = try StationDatabase.verifyBackup(copy, knownAs: copy)
        } catch {
            guard case .unusable(_, let problem) = error else { throw error }
            throw .storeDamaged("a copy of it \(problem)")
        }
    }

    private func noStation(_ path: String) -> StorageError {
        StorageError(
            kind: .inputOutput, path: path, problem: "is not there: there is no station to back up",
            remedy: "Set DATA_DIR to where the station keeps its data, or start it once")
    }

    // MARK: - And back

    /// What has been restored.
    struct Restored {
        let stationID: StationID
        let note: BackupNote
        /// What the old files are called now; nil if there were none.
        let oldFiles: String?
    }

    /// Makes the station that of a backup.
    ///
    /// - Parameter isForced: Whether a station that is there already may be set aside.
    /// - Throws: `StorageError`, of kind `inUse` while the daemon runs; `BackupError`.
    func restore(from path: String, isForced: Bool) throws -> Restored {
        umask(0o077)
        try self.setup.prepareDirectory()
        let lock = try InstanceLock(path: self.data.lockPath)
        defer { lock.release() }
        let old = [self.data.storePath, self.data.secretsPath].filter(DurableFile.isThere)
        if let first = old.first, !isForced {
            throw StorageError(
                kind: .inputOutput, path: first, problem: "is there already: this is a station with data of its own",
                remedy: "With --force it is set aside, and can be brought back by hand")
        }
        PendingRestore.abandon(self.data)
        let (note, stationID): (BackupNote, StationID)
        let restore = PendingRestore(data: self.data, suffix: old.isEmpty ? nil : self.freeSuffix("before-restore"))
        do {
            (note, stationID) = try self.stage(path)
            try restore.decide()
        } catch {
            PendingRestore.abandon(self.data)
            throw error
        }
        try PendingRestore.complete(self.data)
        return Restored(stationID: stationID, note: note, oldFiles: restore.suffix.map { "*.\($0)" })
    }

    /// Lays the new files beside the old ones.
    private func stage(_ path: String) throws -> (BackupNote, StationID) {
        let (store, secrets) = (PendingRestore.stagedStore(self.data), PendingRestore.stagedSecrets(self.data))
        let note = try self.stageStore(path)
        guard try DurableFile.create(secrets, Array(note.secrets.revealed.utf8)) else {
            throw StorageError(secrets, cannotBe: "made", code: EEXIST)
        }
        let loaded: StationSecrets?
        do throws(StorageError) {
            loaded = try SecretsFile(path: secrets).load()
        } catch {
            throw BackupError.unusable(path: path, problem: "holds secrets that are no good: the file \(error.problem)")
        }
        guard let loaded else { throw StorageError(secrets, cannotBe: "read", code: ENOENT) }
        try self.handOver([store, secrets, self.data.lockPath])
        return (note, loaded.stationID)
    }

    /// Lays the store of a backup beside the present one, checked.
    func stageStore(_ path: String) throws -> BackupNote {
        let store = PendingRestore.stagedStore(self.data)
        try DurableFile.copy(path, to: store)
        return try StationDatabase.unpackBackup(store, copiedFrom: path)
    }

    /// Run by root, the files are to belong to whom the directory belongs: to the service.
    private func handOver(_ paths: [String]) throws(StorageError) {
        var facts = stat()
        guard stat(self.data.directory, &facts) == 0 else {
            throw StorageError(self.data.directory, cannotBe: "looked at", code: errno)
        }
        guard geteuid() == 0, facts.st_uid != 0 else { return }
        for path in paths {
            guard chown(path, facts.st_uid, facts.st_gid) == 0 else {
                throw StorageError(path, cannotBe: "given to the service's user", code: errno)
            }
        }
    }

    /// Such as `before-restore-20261121T083000Z`, with a number if that is taken.
    func freeSuffix(_ word: String) -> String {
        let base = "\(word)-\(NameTime.text(of: self.clock.wallTime))"
        var suffix = base
        var number = 1
        while [self.data.storePath, self.data.secretsPath].contains(where: { DurableFile.isThere("\($0).\(suffix)") }) {
            number += 1
            suffix = "\(base)-\(number)"
        }
        return suffix
    }
}
