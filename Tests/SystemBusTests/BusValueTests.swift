import SystemBus
import Testing

@Suite("A value of D-Bus")
struct BusValueTests {
    @Test("is read through its variants")
    func variants() {
        #expect(BusValue.variant(.variant(.string("a"))).string == "a")
        #expect(BusValue.variant(.bytes([1, 2])).bytes == [1, 2])
        #expect(BusValue.bool(true).bool == true)
        #expect(BusValue.objectPath("/a").objectPath == "/a")
        #expect(BusValue.double(0.5).double == 0.5)
        #expect(BusValue.strings(["a", "b"]).strings == ["a", "b"])
        #expect(BusValue.structure([.byte(1)]).structure == [.byte(1)])
    }

    @Test("is nothing that it is not")
    func otherKinds() {
        let text = BusValue.string("a")
        #expect(text.bytes == nil)
        #expect(text.objectPath == nil)
        #expect(text.integer == nil)
        #expect(text.properties == nil)
        #expect(BusValue.objectPath("/a").string == nil)
        #expect(BusValue.array([.int32(1)], of: "i").strings == nil)
        #expect(BusValue.dictionary([.uint16(1): .byte(1)], key: "q", value: "y").properties == nil)
    }

    @Test(
        "is an integer whatever its size, where it fits",
        arguments: [
            (.byte(255), 255), (.int16(-1), -1), (.uint16(65_535), 65_535), (.int32(-5), -5),
            (.uint32(.max), 4_294_967_295),
            (.int64(.min), Int.min), (.uint64(7), 7), (.uint64(.max), nil), (.double(1), nil), (.bool(true), nil),
        ] as [(BusValue, Int?)]
    )
    func integers(value: BusValue, number: Int?) {
        #expect(value.integer == number)
    }

    @Test("has properties where BlueZ has")
    func properties() {
        let value = BusValue.properties(["Name": .string("SH_1"), "RSSI": .int16(-60)])
        #expect(value.typeSignature == "a{sv}")
        #expect(value.properties == ["Name": .string("SH_1"), "RSSI": .int16(-60)])
        let manufacturers = BusValue.dictionary([.uint16(76): .variant(.bytes([1]))], key: "q", value: "v")
        #expect(manufacturers.entries == [.uint16(76): .bytes([1])])
        let objects = BusValue.dictionary(
            [.objectPath("/a"): .dictionary([.string("i"): value], key: "s", value: "a{sv}")], key: "o",
            value: "a{sa{sv}}")
        #expect(objects.properties?["/a"]?.properties?["i"]?.properties?["RSSI"]?.integer == -60)
    }

    @Test("does not show what it holds")
    func descriptions() {
        let password = "correct horse"
        let value = BusValue.properties(["a": .string(password), "b": .bytes(Array(password.utf8))])
        let call = BusCall("a.b", path: "/c", interface: "d.e", member: "F", arguments: [value, .string(password)])
        var dumped = ""
        dump(call, to: &dumped)
        for text in ["\(value)", String(reflecting: value), "\(call)", String(reflecting: call), dumped] {
            #expect(!text.contains("horse"))
            #expect(!text.contains("104"))
        }
        #expect("\(call)" == "d.e.F of a.b/c")
    }
}
