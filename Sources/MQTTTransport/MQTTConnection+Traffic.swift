internal import PollLoop

extension MQTTConnection {
    /// So many packets are read before other descriptors, jobs and timers of the loop get their turn.
    private static let packetsPerTurn = 256

    func ready(_ readiness: DescriptorEvents) {
        if readiness.contains(.stopped) {
            self.registration = nil
            return self.end(.lost(detail: "the loop was stopped"))
        }
        switch self.phase {
        case .connecting: self.proceed()
        case .open, .closing: self.transfer(readiness)
        case .ended: break
        }
    }

    func keepAlive() {
        guard let handle else { return }
        self.settle(handle.upkeep())
    }

    private func transfer(_ readiness: DescriptorEvents) {
        guard let handle else { return }
        var status = MosquittoStatus.success
        let before = handle.events.count
        if !readiness.isDisjoint(with: [.readable, .hungUp]) {
            // One call reads one packet. A call without a callback means that the socket is dry, most likely; if not,
            // epoll tells again.
            var count: UInt64
            var turns = 0
            repeat {
                count = handle.events.count
                status = handle.read()
                turns += 1
            } while status.isSuccess && handle.events.count != count && self.handle === handle
                && turns < Self.packetsPerTurn
        }
        if status.isSuccess, handle.wantsToWrite {
            status = handle.write()
        }
        if status.isSuccess, readiness.contains(.hungUp), handle.events.count == before, handle.isPeerGone {
            return self.end(self.isClosing ? nil : .lost(detail: "the broker closed it"))
        }
        self.settle(status)
    }

    /// To be called after each call into the library: carries out what its callbacks noted.
    func settle(_ status: MosquittoStatus) {
        // Called from a message handler: the call that runs it settles.
        guard let handle, !handle.isBusy else { return }
        let events = handle.events
        if !events.acknowledged.isEmpty {
            for messageID in events.acknowledged {
                self.outstanding.acknowledge(messageID)?.resume(returning: .success(()))
            }
            events.acknowledged.removeAll(keepingCapacity: true)
        }
        if !events.subscriptionAnswers.isEmpty {
            let answers = events.subscriptionAnswers
            events.subscriptionAnswers = []
            for answer in answers { self.answered(answer) }
        }
        guard status.isSuccess, handle.socket != nil else {
            let loss = status.isSuccess ? .lost(detail: "the socket was closed") : status.loss
            return self.end(self.isClosing ? nil : loss)
        }
        if self.isClosing, self.outstanding.isEmpty, !self.isDisconnectSent {
            return self.sendDisconnect(handle)
        }
        self.setInterest(handle.wantsToWrite ? .readWrite : .read)
    }

    func setInterest(_ interest: Interest) {
        guard let registration else { return }
        do throws(LoopError) {
            try self.loop.update(registration, to: interest)
        } catch {
            self.end(.lost(detail: "\(error)"))
        }
    }
}
