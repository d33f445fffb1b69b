import Glibc
import PollLoop
import StationCore

/// The kernel's word that links or addresses of the machine have changed (rtnetlink(7)).
enum NetworkWatch {
    struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ call: String) {
            self.description = "\(call): \(String(cString: strerror(errno)))"
        }

        init(_ error: LoopError) {
            self.description = "\(error)"
        }
    }

    /// `struct sockaddr_nl` of <linux/netlink.h>, which Swift's Glibc module leaves out.
    private struct NetlinkAddress {
        var family = UInt16(AF_NETLINK)
        var padding: UInt16 = 0
        var port: UInt32 = 0
        var groups: UInt32
    }

    /// RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR of <linux/rtnetlink.h>.
    private static let groups: UInt32 = 0x1 | 0x10 | 0x100
    /// NETLINK_ROUTE.
    private static let routeProtocol: Int32 = 0
    /// A cable that is pulled makes many messages: one word a second at most.
    private static let rest = Duration.seconds(1)

    /// Says something when the network has changed, until its reader is cancelled.
    ///
    /// - Throws: `Fault` where the kernel does not tell.
    static func changes() throws(Fault) -> AsyncStream<Void> {
        let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), self.routeProtocol)
        guard descriptor >= 0 else { throw Fault("socket(AF_NETLINK)") }
        var address = NetlinkAddress(groups: self.groups)
        let size = socklen_t(MemoryLayout<NetlinkAddress>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard outcome == 0 else {
            let fault = Fault("bind(AF_NETLINK)")
            close(descriptor)
            throw fault
        }
        return try self.words(of: descriptor, rest: self.rest)
    }

    /// Says something when a socket has something to read, which is thrown away.
    ///
    /// - Parameters:
    ///   - descriptor: Is closed when the reader is cancelled.
    ///   - rest: The shortest time between two words.
    static func words(of descriptor: Int32, rest: Duration) throws(Fault) -> AsyncStream<Void> {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            let fault = Fault("socketpair")
            close(descriptor)
            throw fault
        }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        // Newest 1: the reader need not know how often.
        let (words, input) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do throws(LoopError) {
            try SystemThread.detach(name: "network-watch") {
                self.listen(descriptor, until: readEnd, rest: Int32(rest.milliseconds)) { input.yield() }
                input.finish()
                close(descriptor)
                close(readEnd)
            }
        } catch {
            for end in ends + [descriptor] { close(end) }
            throw Fault(error)
        }
        // The thread wakes when the other end is closed.
        input.onTermination = { _ in close(writeEnd) }
        return words
    }

    /// Blocks until `stop` is closed at its other end, or the socket is of no more use.
    private static func listen(_ descriptor: Int32, until stop: Int32, rest: Int32, _ tell: () -> Void) {
        while true {
            var both = [
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&both, 2, -1) >= 0 || errno == EINTR else { return }
            if both[0].revents != 0 { return }
            guard both[1].revents != 0 else { continue }
            guard self.drain(descriptor) else { return }
            tell()
            // What comes meanwhile is told afterwards.
            var one = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
            if poll(&one, 1, rest) > 0 { return }
        }
    }

    /// Reads all that is there; false when nothing will come any more.
    private static func drain(_ descriptor: Int32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count > 0 { continue }
            if count == 0 { return false }
            switch errno {
            case EAGAIN: return true
            // ENOBUFS: more came than the kernel keeps.
            case EINTR, ENOBUFS: continue
            default: return false
            }
        }
    }
}
