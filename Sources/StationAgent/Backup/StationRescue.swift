import Glibc
import Logging
import StationCore
import StationData

/// Sees to it that the daemon starts with a store and with secrets that are whole: what is damaged is set aside, and the
/// newest good backup takes its place, loudly; where there is none, the station begins afresh rather than not at all.
///
/// Only for the daemon, which holds the `InstanceLock`.
struct StationRescue {
    /// So many damaged stores, and so many damaged secrets, are kept.
    static let keptCopies = 2
    private static let word = "damaged"

    let backup: StationBackup
    let logger: Logger
    /// What was done, for health; `nil` when nothing was.
    private(set) var recovery: String?
    /// Backups that turned out to be no good.
    private var refused: Set<String> = []
    private var isFresh = false

    init(setup: AgentSetup, clock: any StationClock, logger: Logger) {
        self.backup = StationBackup(setup: setup, clock: clock)
        self.logger = logger
    }

    private var data: DataSection { self.backup.setup.configuration.data }
    private var shelf: BackupShelf { BackupShelf(directory: self.data.backupsPath) }
    private var file: SecretsFile { SecretsFile(path: self.data.secretsPath) }

    // MARK: - Secrets

    /// The station's secrets; damaged ones are replaced by those of the newest backup of the same station.
    ///
    /// - Throws: `StorageError`.
    mutating func secrets() throws(StorageError) -> StationSecrets {
        do throws(StorageError) {
            return try self.backup.setup.secrets()
        } catch {
            guard error.kind == .damaged, error.path == self.data.secretsPath else { throw error }
            try self.replaceSecrets(because: error)
        }
        return try self.backup.setup.secrets()
    }

    private mutating func replaceSecrets(because error: StorageError) throws(StorageError) {
        self.logger.critical("the secrets are damaged", metadata: ["error": "\(error.path) \(error.problem)"])
        // With the id that the devices know they stay reachable, even with secrets that are new.
        let id = StationDatabase.stationID(inFileAt: self.data.storePath)
        let saved = self.savedSecrets(of: self.backup.setup.configuration.station.id == nil ? id : nil)
        let aside = "\(self.data.secretsPath).\(self.backup.freeSuffix(Self.word))"
        guard link(self.data.secretsPath, aside) == 0 else {
            throw StorageError(aside, cannotBe: "made", code: errno)
        }
        if let saved {
            try self.file.replace(by: saved.secrets)
            self.note("the secrets were damaged and those of the backup of \(saved.madeAt) have taken their place")
        } else {
            guard var made = StationSecrets.make() else { throw error }
            made.stationID = id ?? made.stationID
            try self.file.replace(by: Secret(String(decoding: SecretsFile.text(of: made), as: UTF8.self)))
            self.note(
                "the secrets were damaged and no backup has any: new ones were made; people must sign in again, and at "
                    + "the broker the agent needs “station-agent broker init”")
        }
        self.removeOldCopies(of: self.data.secretsPath)
    }

    /// The secrets of the newest good backup, of one station if it is known which.
    private mutating func savedSecrets(of id: StationID?) -> BackupNote? {
        for entry in self.shelf.entries() {
            do {
                let note = try StationDatabase.verifyBackup(entry.path, knownAs: entry.path)
                let secrets = try self.file.secrets(in: Array(note.secrets.revealed.utf8))
                if id == nil || secrets.stationID == id { return note }
                self.refuse(entry, "is one of another station")
            } catch {
                self.refuse(entry, "\(error)")
            }
        }
        return nil
    }

    // MARK: - Store

    /// Whether there is still something that can take the place of a damaged store.
    var canReplace: Bool { !self.isFresh }

    /// Opens the store, which is whole then. Reads all of it, and blocks.
    ///
    /// - Throws: `StoreError`, `StorageError`, `BackupError` when a backup cannot be put in place for want of room.
    mutating func openStore() throws -> StationDatabase {
        if let problem = self.lossOfStore() { return try self.replaceStore(because: problem) }
        let problem: String
        do throws(StoreError) {
            // Before the schema is brought up to date: that is not to be tried on a damaged one.
            guard let found = try StationDatabase.checkIntegrity(ofFileAt: self.data.storePath) else {
                return try StationDatabase.open(path: self.data.storePath)
            }
            problem = found
        } catch {
            guard error.diskFault == .damaged || error.diskFault == .unreadable else { throw error }
            problem = error.description
        }
        return try self.replaceStore(because: problem)
    }

    /// Without backups a store that is not there, or has nothing in it, is one of a station that has yet to begin.
    private func lossOfStore() -> String? {
        guard !self.shelf.entries().isEmpty else { return nil }
        var facts = stat()
        guard stat(self.data.storePath, &facts) == 0 else { return errno == ENOENT ? "it is gone" : nil }
        return facts.st_size == 0 ? "it is empty" : nil
    }

    /// Sets the store aside and opens the one of the newest good backup, or a new one.
    mutating func replaceStore(because problem: String) throws -> StationDatabase {
        self.logger.critical(
            "the store is damaged", metadata: ["store": "\(self.data.storePath)", "problem": "\(problem)"])
        let isThere = DurableFile.isThere(self.data.storePath)
        let restore = PendingRestore(data: self.data, suffix: isThere ? self.backup.freeSuffix(Self.word) : nil)
        PendingRestore.abandon(self.data)
        let note: BackupNote?
        do {
            note = try self.stageNewestGood()
            if note == nil {
                self.isFresh = true
                try StationDatabase.open(path: PendingRestore.stagedStore(self.data)).close()
            }
            try restore.decide()
        } catch {
            PendingRestore.abandon(self.data)
            throw error
        }
        try PendingRestore.complete(self.data)
        self.removeOldCopies(of: self.data.storePath)
        // Anybody may read it in health: no path.
        let aside = restore.suffix.map { "; the damaged one is station.sqlite.\($0)" } ?? ""
        if let note {
            self.note("the store was damaged and the backup of \(note.madeAt) has taken its place\(aside)")
        } else {
            self.note("the store was damaged and there is no good backup: the station begins afresh\(aside)")
        }
        return try StationDatabase.open(path: self.data.storePath)
    }

    private mutating func stageNewestGood() throws -> BackupNote? {
        let id = try self.file.load()?.stationID
        for entry in self.shelf.entries() where !self.refused.contains(entry.path) {
            do {
                let note = try self.backup.stageStore(entry.path)
                let secrets = try self.file.secrets(in: Array(note.secrets.revealed.utf8))
                if id == nil || secrets.stationID == id {
                    // Whatever becomes of the store that is made of it: it is not taken twice.
                    self.refused.insert(entry.path)
                    return note
                }
                self.refuse(entry, "is one of another station")
            } catch let error as BackupError where Self.isWantOfRoom(error) {
                throw error
            } catch let error as StorageError where error.kind == .inputOutput && error.path != entry.path {
                throw error
            } catch {
                self.refuse(entry, "\(error)")
            }
            PendingRestore.abandon(self.data)
        }
        return nil
    }

    /// Whether a start failed because the disk is full.
    static func isWantOfRoom(_ error: any Error) -> Bool {
        switch error {
        case let error as StoreError: error.diskFault == .full
        case let error as StorageError: error.isWantOfRoom
        case BackupError.unwritable: true
        default: false
        }
    }

    /// On a disk that is too full to start on: gives up what can be spared, the room that was kept for that, or else the
    /// damaged files that were set aside and all backups but the newest good one.
    ///
    /// - Returns: Whether there was anything; then it is worth another try.
    func makeRoom() -> Bool {
        if Ballast(directory: self.data.directory).release() {
            self.logger.critical("the disk is full: the station starts with the room that it has kept for that")
            return true
        }
        let copies = Self.copies(of: self.data.storePath) + Self.copies(of: self.data.secretsPath)
        let entries = self.shelf.entries()
        let good = entries.first(where: self.isGood)
        let backups = good == nil ? [] : entries.filter { $0 != good }.map(\.path)
        let spare = copies.flatMap { [$0, "\($0)-wal"] } + backups
        let removed = spare.filter { unlink($0) == 0 }
        guard !removed.isEmpty else { return false }
        self.logger.critical(
            "the disk is full: old backups were given up so that the station can start",
            metadata: ["removed": "\(removed.count)"])
        return true
    }

    private func isGood(_ entry: BackupShelf.Entry) -> Bool {
        do throws(BackupError) {
            _ = try StationDatabase.verifyBackup(entry.path, knownAs: entry.path)
            return true
        } catch {
            return false
        }
    }

    /// Closes a store with which something is wrong.
    func close(_ database: StationDatabase) {
        do throws(StoreError) {
            try database.close()
        } catch {
            self.logger.info("the damaged store could not be closed in order", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Words and left-overs

    private mutating func note(_ done: String) {
        let text = "\(NameTime.text(of: self.backup.clock.wallTime)): \(done)"
        self.recovery = self.recovery.map { "\($0); \(text)" } ?? text
        self.logger.critical("the station was mended", metadata: ["what": "\(done)"])
    }

    private mutating func refuse(_ entry: BackupShelf.Entry, _ problem: String) {
        self.refused.insert(entry.path)
        self.logger.error("a backup is no good", metadata: ["backup": "\(entry.path)", "problem": "\(problem)"])
    }

    /// The damaged files that have been set aside, the newest first.
    static func copies(of path: String) -> [String] {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let start = "\(path[path.index(after: slash)...]).\(Self.word)-"
        let names = DirectoryListing.names(in: String(path[..<slash]))
        return names.filter { $0.hasPrefix(start) && !$0.hasSuffix("-wal") }.sorted(by: >)
            .map { "\(path[..<slash])/\($0)" }
    }

    private func removeOldCopies(of path: String) {
        for old in Self.copies(of: path).dropFirst(Self.keptCopies) {
            for name in [old, "\(old)-wal"] { unlink(name) }
        }
    }
}
