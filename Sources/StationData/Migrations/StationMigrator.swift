import GRDB

/// The history of the schema. Append only: a migration that has been released is never edited.
enum StationMigrator {
    static func make() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001-station") { try $0.execute(sql: Schema0001.station) }
        migrator.registerMigration("0002-accounts") { try $0.execute(sql: Schema0002.accounts) }
        migrator.registerMigration("0003-devices") { try $0.execute(sql: Schema0003.devices) }
        migrator.registerMigration("0004-history") { try $0.execute(sql: Schema0004.history) }
        migrator.registerMigration("0005-cloud-and-firmware") { try $0.execute(sql: Schema0005.cloudAndFirmware) }
        migrator.registerMigration("0006-broker-logins") { try $0.execute(sql: Schema0006.brokerLogins) }
        migrator.registerMigration("0007-cloud-claim") { try $0.execute(sql: Schema0007.cloudClaim) }
        migrator.registerMigration("0008-outbox-sizes") { try $0.execute(sql: Schema0008.outboxSizes) }
        return migrator
    }
}
