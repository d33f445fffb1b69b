/// How devices with ESP-IDF's provisioning are found, and how little protection they may offer.
public struct EspressifOptions: Sendable, Hashable {
    /// What the name of such a device begins with; the rest is its id.
    public var namePrefix: String
    /// The services under which they are known to advertise; the name decides.
    public var services: Set<GATTUUID>
    /// The name with which security 2 logs in.
    public var userName: String
    /// The least security that is acceptable: 0, 1 or 2.
    public var minimumSecurity: Int

    /// The defaults of ESP-IDF: its manager's own service and that of its examples.
    public init(
        namePrefix: String = "PROV_",
        services: Set<GATTUUID> = [
            GATTUUID(short: 0xFFFF), GATTUUID(0x021a_9004_0382_4aea, 0xbff4_6b3f_1c5a_dfb4),
        ],
        userName: String = "wifiprov", minimumSecurity: Int = 0
    ) {
        self.namePrefix = namePrefix
        self.services = services
        self.userName = userName
        self.minimumSecurity = minimumSecurity
    }
}
