import FoundationEssentials
import Glibc
import StationCore
import StationData

extension Doctor {
    /// One may be missed while the station is off for a night.
    private static let oldestBackup = Duration.seconds(2 * 86_400)
    /// So long after the start the first is there.
    private static let firstBackup = Duration.seconds(3600)
    private static let mending = "sudo systemctl restart station-agent: it restores the newest good backup."

    func examineStore(_ report: inout DoctorReport) async {
        let name = "store"
        let path = self.setup.databasePath
        guard FileManager.default.fileExists(atPath: path) else {
            return report.checks.append(.ok(name, "\(path) is made at the first start"))
        }
        do throws(StoreError) {
            let found = try await StoreExamination.take(path: path)
            report.store = found
            report.checks.append(self.check(found))
        } catch {
            let isDamaged = error.diskFault == .damaged
            let access = "sudo station-agent doctor, as only the agent's user and root may read \(path)"
            report.checks.append(.failed(name, error.description, remedy: isDamaged ? Self.mending : access))
        }
    }

    private func check(_ found: StoreExamination) -> DoctorCheck {
        let name = "store"
        let path = self.setup.databasePath
        guard found.integrity == "ok" else {
            return .failed(
                name, "\(path) is damaged: \(found.integrity)",
                remedy: Self.mending
            )
        }
        guard !found.isNewer else {
            return .failed(
                name, "\(path) was written by a newer station-agent", remedy: "Install that version again."
            )
        }
        return .ok(
            name,
            "\(path), SQLite \(found.sqliteVersion), \(found.journalMode), \(found.rowCounts["devices"] ?? 0) devices, "
                + "intact"
        )
    }

    /// Whether there is a fresh backup, and whether it is good.
    func examineBackups(at time: Timestamp) -> DoctorCheck? {
        let name = "backups"
        let data = self.setup.configuration.data
        let entries = BackupShelf(directory: data.backupsPath).entries()
        let look = "See why: journalctl -u station-agent | grep backup"
        guard let newest = entries.first else {
            guard let start = self.startOfDaemon(), start.adding(Self.firstBackup) < time else {
                return .ok(name, "none yet; the running agent makes one a day")
            }
            return .warning(name, "none in \(data.backupsPath), though the agent runs since \(start)", remedy: look)
        }
        do throws(BackupError) {
            _ = try StationDatabase.verifyBackup(newest.path, knownAs: newest.path)
        } catch {
            return .warning(
                name, error.description,
                remedy: "Make another: station-agent backup FILE, and look at dmesg for disk errors.")
        }
        guard newest.madeAt.adding(Self.oldestBackup) >= time || self.startOfDaemon() == nil else {
            return .warning(name, "the newest is of \(newest.madeAt)", remedy: look)
        }
        return .ok(name, "\(entries.count), the newest of \(newest.madeAt), intact")
    }

    /// Whether something was found damaged and set aside.
    func examineDamage() -> DoctorCheck? {
        let data = self.setup.configuration.data
        let copies = StationRescue.copies(of: data.storePath) + StationRescue.copies(of: data.secretsPath)
        guard !copies.isEmpty else { return nil }
        return .warning(
            "damage", "found at a start, replaced and set aside: \(copies.joined(separator: ", "))",
            remedy: "Look at dmesg for disk errors; a card that does this again should be replaced. Then: sudo rm "
                + copies.map { "\($0)*" }.joined(separator: " ")
        )
    }

    /// When the daemon that is running began: then it wrote its lock.
    private func startOfDaemon() -> Timestamp? {
        let path = self.setup.configuration.data.lockPath
        var facts = stat()
        guard InstanceLock.isHeld(path), stat(path, &facts) == 0 else { return nil }
        return Timestamp(milliseconds: Int64(facts.st_mtim.tv_sec) * 1000)
    }
}
