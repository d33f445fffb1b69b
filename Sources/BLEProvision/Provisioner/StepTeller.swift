import StationCore
import Synchronization

/// Tells how far a device has come, each step once as long as it lasts.
final class StepTeller: Sendable {
    private let externalID: ExternalID
    private let board: ProvisioningBoard
    private let last = Mutex<ProvisioningStep?>(nil)

    init(of externalID: ExternalID, on board: ProvisioningBoard) {
        self.externalID = externalID
        self.board = board
    }

    func tell(_ step: ProvisioningStep) {
        let isNew = self.last.withLock { last in
            defer { last = step }
            return last != step
        }
        if isNew { self.board.tell(.progress(self.externalID, step)) }
    }

    func take(_ progress: DialectProgress) {
        switch progress {
        // There is no word for them: the device is connected, and nothing is written yet.
        case .negotiating, .waitingForButton: break
        case .writing: self.tell(.writing)
        case .waitingForDevice: self.tell(.waitingForDevice)
        }
    }
}
