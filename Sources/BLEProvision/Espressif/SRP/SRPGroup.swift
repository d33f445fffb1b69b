/// The 3072-bit group of RFC 5054, appendix A: its prime and the generator 5.
enum SRPGroup {
    static let length = 384

    /// The prime, most significant word first, as the RFC prints it.
    private static let prime: [UInt64] = [
        0xffff_ffff_ffff_ffff, 0xc90f_daa2_2168_c234, 0xc4c6_628b_80dc_1cd1, 0x2902_4e08_8a67_cc74,
        0x020b_bea6_3b13_9b22, 0x514a_0879_8e34_04dd, 0xef95_19b3_cd3a_431b, 0x302b_0a6d_f25f_1437,
        0x4fe1_356d_6d51_c245, 0xe485_b576_625e_7ec6, 0xf44c_42e9_a637_ed6b, 0x0bff_5cb6_f406_b7ed,
        0xee38_6bfb_5a89_9fa5, 0xae9f_2411_7c4b_1fe6, 0x4928_6651_ece4_5b3d, 0xc200_7cb8_a163_bf05,
        0x98da_4836_1c55_d39a, 0x6916_3fa8_fd24_cf5f, 0x8365_5d23_dca3_ad96, 0x1c62_f356_2085_52bb,
        0x9ed5_2907_7096_966d, 0x670c_354e_4abc_9804, 0xf174_6c08_ca18_217c, 0x3290_5e46_2e36_ce3b,
        0xe39e_772c_180e_8603, 0x9b27_83a2_ec07_a28f, 0xb5c5_5df0_6f4c_52c9, 0xde2b_cbf6_9558_1718,
        0x3995_497c_ea95_6ae5, 0x15d2_2618_98fa_0510, 0x1572_8e5a_8aaa_c42d, 0xad33_170d_0450_7a33,
        0xa855_21ab_df1c_ba64, 0xecfb_8504_58db_ef0a, 0x8aea_7157_5d06_0c7d, 0xb397_0f85_a6e1_e4c7,
        0xabf5_ae8c_db09_33d7, 0x1e8c_94e0_4a25_619d, 0xcee3_d226_1ad2_ee6b, 0xf12f_fa06_d98a_0864,
        0xd876_0273_3ec8_6a64, 0x521f_2b18_177b_200c, 0xbbe1_1757_7a61_5d6c, 0x7709_88c0_bad9_46e2,
        0x08e2_4fa0_74e5_ab31, 0x43db_5bfc_e0fd_108e, 0x4b82_d120_a93a_d2ca, 0xffff_ffff_ffff_ffff,
    ]

    static let field = MontgomeryField(modulus: Self.prime)
    static let primeBytes = Self.field.modulusBytes
    static let generator: [UInt8] = [5]

    /// As many zero bytes in front as the prime is longer.
    static func padded(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: max(Self.length - bytes.count, 0)) + bytes
    }
}
