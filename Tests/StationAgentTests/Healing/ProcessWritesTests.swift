import Testing

@testable import StationAgent

@Suite("What the process has had written")
struct ProcessWritesTests {
    @Test("is what the kernel says, without what was taken back")
    func parsing() {
        let text = "rchar: 10\nwchar: 20\nread_bytes: 0\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n"
        #expect(ProcessWrites.bytes(in: text) == 4096)
        #expect(ProcessWrites.bytes(in: "write_bytes: 5") == 5)
        #expect(ProcessWrites.bytes(in: "write_bytes: 5\ncancelled_write_bytes: 9") == 0)
        #expect(ProcessWrites.bytes(in: "rchar: 10") == nil)
        #expect(ProcessWrites.bytes(in: "write_bytes: x") == nil)
    }
}
