/// One login of SRP6a. Salt and verifier are those of esp-idf's `test_srp.c`; the rest was computed with Python's
/// integers, as esp-idf's `srp6a.py` does.
enum SRPVectors {
    /// Of the user “wifiprov” with the password “abcd1234”.
    static let salt = Self.bytes("036ee0c7bcb9eda84c9eac97d93decf4")
    /// What the device keeps.
    static let verifier = Self.bytes(
        "7c7c85476508946dd636af37d7e8914378cffd616c59d2f83908127238de9e24a470261cdfa903c2b270e7b13224da11"
            + "1d9718dc607208cc9ac90c4827e2ae89aa1625b804d21a9b3a8f37f6e43a712ee127866eadce28ff5446601fb99687dc"
            + "5740a7d46cc97754dc1682f0ed356ac470ad3d90b5819470d7bc65b2d518e02ec3a5f968dd647bb8b73c9cfc00d8717e"
            + "b79a7cb1b7c2c318342932433e0099e98294e3d82ab09629b7df0e5f08334076529132009f972c896c391ec828054417"
            + "3f68028a9f4461d1f5a17e5a70d2c72381cb3868e42c20bc40577617bd08b896bc26eb32466935058c1570d91be9becc"
            + "a938a667f0ad5013197264bf52c234e21b11797472bd345bb1e2fd6673fe716474d04ebc51241940870e9240e621e72d"
            + "4e37762f2ee268c789e8321342068484534ab30c1b4c8d1c519719abae77ffdbecf0109534336bcb3e840fb9d85fb8a0"
            + "b855533e70f718f5ce7b4ebf27cecea8b3be40c5c532293e71649ede8cf675a1e6f653c831a878de5040f762de36b2ba")
    static let clientPrivateKey = [UInt8](1...32)
    static let devicePrivateKey = [UInt8](101...132)
    /// SHA-256 of A.
    static let clientPublicKeyDigest = Self.bytes("7f03c7c69567e4cfd421ffecf9e7eacfb0ba31682b66736d3eb58133c8b76ece")
    /// B.
    static let devicePublicKey = Self.bytes(
        "64d1317f1dc92157c71948f232d1e2d67768d715cd4df39deb6e55b878af159888aa8b4f67c758733d430eaac4127473"
            + "b1b9fa27bb1ea9c298b4687e62b1b7218158491912959bd7c259de602245f388b9545d3579834ddd32ff607c16f1bc3c"
            + "912c88345307a9445315719041431f865fc51f9a16bcb0b73f4b901977737c53603282fa2e005755cbbf4b957fce39aa"
            + "72add3617840de08a8bee741c2e80d925fcba7bb06526c60ae6821ac022eeaf7c58800a087e0b339bb467d197fb745df"
            + "1f0781f38942996492bb956bf12fbad7c28ae7ff1927c491cdbc188f4c3244cdc612a66dc3652bb68c805ecbf5cdaed1"
            + "43ab38e491a4229173f8368b288272b215a87f6973ee0a9849eb9e433a00e4a884dba29155d501984a76fa2ff2e88ee9"
            + "bebaeb734a5a185a54f9b0f2e6b0d681805ce44b12df944e9465c4a61b923b50d72a75e23a8979b55cb0983310a4472c"
            + "07f66850d069f248bc1d7d7ca9e41714bc6a77f7cc8985eaec36cdcd3cf081d598b6089aed85d22a4dd6a15c6697cf40")
    /// K.
    static let key = Self.bytes(
        "7e4889ea30d41cf47b14aa0bd8e20854cd407899d32f2204acf4358f0f47eaea41cc7f1383f4d799fe1236728bf9c01f"
            + "a8be0b87f77400217ab9d27b8ffaeb87")
    /// M.
    static let clientProof = Self.bytes(
        "e1eb447a6ac43c3716c04bc9da7ec23733d9d28bdefbf3556f90561dcc0d1f2882a1487cb0b5034f7c99ca34ce2e3f80"
            + "5855d0aa7b18e31e2dff8a5cb016e118")
    /// H(A, M, K).
    static let deviceProof = Self.bytes(
        "9d9a305b27117d4526d1e0b59ca09088c51c5ecae834783d2cd090f4d9697a46067e4dc3a0beb443c71c7886292a0183"
            + "9055e599541101228ce41e2bba366d68")

    static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text {
            guard let value = digit.hexDigitValue.map({ UInt8($0) }) else { continue }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
