import StationCore

/// What is known of BlueZ at one moment.
struct BlueZView: Sendable {
    var tree = BlueZTree()
    /// Whether somebody owns `org.bluez`.
    var isServed = false
    /// Whether the connection to the bus is gone: nothing changes any more.
    var isLost = false

    /// The adapter to use, if it can be used at once.
    var readyAdapter: BlueZAdapterState? {
        self.tree.adapter.flatMap { $0.isPowered ? $0 : nil }
    }

    /// Why nothing can be done; `nil` if it can.
    var fault: BlueZError? {
        if self.isLost { return BlueZError(.busLost, "the connection to the bus is gone") }
        if !self.isServed { return BlueZError(.noBluetoothd, "bluetoothd is not running") }
        if self.readyAdapter == nil { return BlueZError(.noAdapter, "there is no powered adapter") }
        return nil
    }
}
