import GatehouseOutbound
import GatehouseProtocol
import Testing

/// What the server may connect to (attacks.md GH-340, GH-349).
@Suite struct `Public addresses` {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
        "100.127.255.255", "127.0.0.1", "127.1.2.3", "127.255.255.254", "169.254.0.1",
        "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
        "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "168.63.129.16",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    ])
    func `GH-340: have none of the special ranges of IPv4 among them`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!PublicAddresses().contains(address))
        // The mapped form is the same address.
        #expect(!PublicAddresses().contains(try #require(IPAddress("::ffff:\(text)"))))
    }

    @Test(arguments: [
        "::", "::1", "::127.0.0.1", "::a00:1", "fe80::1", "febf::1", "fec0::1", "fc00::1",
        "fd00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1", "64:ff9b::a00:1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1",
        "2001::1", "2001:0:a00:1::", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:a00:1::",
        "2002:7f00:1::1", "2002:c0a8:1::1", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1",
        "::ffff:0:7f00:1", "2606:4700::5efe:a00:1", "2606:4700::200:5efe:7f00:1",
    ])
    func `GH-340: have no special and no hidden address of IPv6 among them`(text: String) throws {
        #expect(!PublicAddresses().contains(try #require(IPAddress(text))))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
        "2001:4860:4860::8888", "2600::", "3ffe::1",
    ])
    func `are all others`(text: String) throws {
        #expect(PublicAddresses().contains(try #require(IPAddress(text))))
    }

    @Test func `are joined by what the operator names, and by nothing beside it`() throws {
        let ranges = try ["10.1.0.0/16", "fd00:1::/32", "127.0.0.1"].map {
            try #require(AddressRange($0))
        }
        let allowed = PublicAddresses(and: ranges)
        for inside in ["10.1.2.3", "fd00:1::9", "127.0.0.1", "8.8.8.8"] {
            #expect(allowed.contains(try #require(IPAddress(inside))))
        }
        for outside in ["10.2.0.1", "fd00:2::1", "127.0.0.2", "::1", "169.254.169.254"] {
            #expect(!allowed.contains(try #require(IPAddress(outside))))
        }
    }
}

@Suite struct `A range of addresses` {
    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8/8", "10.0.0/8",
        "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/ 8", "::/129", "fe80::1/10", "fe80::%1/10",
        "localhost", "010.0.0.0/8", "10.0.0.0/8 ", "１０.0.0.0/8",
    ])
    func `is read in one spelling`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `reaches from its first to its last address`() throws {
        let range = try #require(AddressRange("192.0.2.128/25"))
        #expect(range.contains(try #require(IPAddress("192.0.2.128"))))
        #expect(range.contains(try #require(IPAddress("192.0.2.255"))))
        #expect(!range.contains(try #require(IPAddress("192.0.2.127"))))
        #expect(!range.contains(try #require(IPAddress("192.0.3.0"))))
        #expect(!range.contains(try #require(IPAddress("::c000:280"))))
    }
}
