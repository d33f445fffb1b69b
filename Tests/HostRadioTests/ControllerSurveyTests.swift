import Foundation
import Glibc
import Testing

@testable import HostRadio

@Suite("Bluetooth controllers of the kernel")
struct ControllerSurveyTests {
    /// What the kernel shows of them elsewhere; `nil` without Bluetooth.
    private static var names: [String]? {
        // AF_BLUETOOTH, BTPROTO_HCI: to ask loads the module where there is one.
        let descriptor = socket(31, Int32(SOCK_RAW.rawValue), 1)
        guard descriptor >= 0 else { return nil }
        close(descriptor)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/bluetooth")) ?? []
        // A connection has a name with a colon.
        return entries.filter { $0.hasPrefix("hci") && !$0.contains(":") }.sorted()
    }

    @Test("are those that sysfs has, and a kernel without Bluetooth says so")
    func survey() throws {
        switch ControllerSurvey.take() {
        case .noBluetooth: #expect(Self.names == nil)
        case .controllers(let found):
            #expect(found.map(\.name).sorted() == Self.names)
            for controller in found { #expect(controller.address.split(separator: ":").count == 6) }
        case .failed(let detail): Issue.record("\(detail)")
        }
    }
}
