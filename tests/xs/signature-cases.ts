// ES256 (RFC 7518, 3.4) as every engine has to judge it. The first three are from the standards; the others were made by
// tests/signed/p256.ts: recovered keys for what hardly ever comes up, and everything that is no key or no signature.
export interface SignatureCase {
  readonly name: string;
  /** Hexadecimal. */
  readonly key: string;
  readonly message: string;
  /** Hexadecimal. */
  readonly signature: string;
  readonly good: boolean;
}

/** The key of RFC 6979, A.2.5, and its signature of "sample". */
const KEY =
  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const R = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const S = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

export const SIGNATURE_CASES: readonly SignatureCase[] = [
  {
    name: "RFC 6979, A.2.5, sample",
    key: KEY,
    message: "sample",
    signature: R + S,
    good: true,
  },
  {
    name: "RFC 6979, A.2.5, test",
    key: KEY,
    message: "test",
    signature:
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    good: true,
  },
  {
    name: "RFC 7515, A.3",
    key: "047fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad",
    message:
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    signature:
      "0ed1215379636c483c2f7f155807d402a3b228033af97c7e17819ac3169ea665c50a07d38c3c70e5d8f12daf084a5480a66590c5f293509a8f3f7f8a83a354d5",
    good: true,
  },
  {
    name: "the twin of s",
    key: KEY,
    message: "sample",
    signature: `${R}0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9`,
    good: true,
  },
  {
    name: "an empty message",
    key: KEY,
    message: "",
    signature:
      "26efcebd0ee9e34a669187e18b3a9122b2f733945b649cc9f9f921e9f9dad812db7a383b0554148e4ee899b695c22bcb17afb5fb92613022b0e07e9109f96e6a",
    good: true,
  },
  {
    name: "a point whose x is n or more",
    key: "04d4c8eaf0815d8b9e789f5ae81d1c5c70e3dbb907ca3dac8064fe705f85b059d52c227dbb8699a0157c4cc3f10629cec67e65e0d65b728e461cf60b2f4ce2690c",
    message: "sample",
    signature:
      "00000000000000000000000000000000000000000000000000000000000000030000000000000000000000000000000000000000000000000000000000000007",
    good: true,
  },
  {
    name: "the same with r not taken modulo n",
    key: "04d4c8eaf0815d8b9e789f5ae81d1c5c70e3dbb907ca3dac8064fe705f85b059d52c227dbb8699a0157c4cc3f10629cec67e65e0d65b728e461cf60b2f4ce2690c",
    message: "sample",
    signature:
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325540000000000000000000000000000000000000000000000000000000000000007",
    good: false,
  },
  {
    name: "s is 1",
    key: "04a337f4621d75e01d25ac55c5f7c78b379b510101c49c1725011adda29288ac95d0f8303d9e5db4e546a09521cb132dd803941d8a67e56f36aa76d30e3c9c3134",
    message: "sample",
    signature:
      "00000000000000000000000000000000000000000000000000000000000000030000000000000000000000000000000000000000000000000000000000000001",
    good: true,
  },
  {
    name: "s is n - 1",
    key: "049541305a3dc7398100ef47177f647ff3fa559f104b1aa065b3b00ee6a64cc9987a76aefda0e08e921651cbb8e11819b4ee784aea57b9487ad54af93ae780e68d",
    message: "sample",
    signature:
      "0000000000000000000000000000000000000000000000000000000000000003ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
    good: true,
  },
  {
    name: "both parts of the sum are the same point",
    key: "0494d19cca0f5c3e7cd00fd9b704c13e46435422b8fc3af885fda89a064b51720d720d8c048a990966733e7a456b5cfa63a6b1c5921e5f758ca29ebcba32581d67",
    message: "sample",
    signature:
      "21508b35b4afe0f01ad0857e7e1dbcc749688dc911e3a74c8a0e83174c8c609ca3dcaf1b3493f2b98da1400981b75b25796c83b7ca7099c2e30582cfa7cfd334",
    good: true,
  },
  {
    name: "the sum is the point at infinity",
    key: KEY,
    message: "sample",
    signature:
      "28815b9a52dcc43d91fe0e07a91bb000f5f475306723ba5e6392aee8be90ee9c0000000000000000000000000000000000000000000000000000000000000005",
    good: false,
  },
  {
    name: "r is 0",
    key: KEY,
    message: "sample",
    signature: `0000000000000000000000000000000000000000000000000000000000000000${S}`,
    good: false,
  },
  {
    name: "s is 0",
    key: KEY,
    message: "sample",
    signature: `${R}0000000000000000000000000000000000000000000000000000000000000000`,
    good: false,
  },
  {
    name: "r and s are 0",
    key: KEY,
    message: "sample",
    signature:
      "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    good: false,
  },
  {
    name: "r is n",
    key: KEY,
    message: "sample",
    signature: `ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551${S}`,
    good: false,
  },
  {
    name: "s is n",
    key: KEY,
    message: "sample",
    signature: `${R}ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551`,
    good: false,
  },
  {
    name: "r is p",
    key: KEY,
    message: "sample",
    signature: `ffffffff00000001000000000000000000000000ffffffffffffffffffffffff${S}`,
    good: false,
  },
  {
    name: "r and s are all ones",
    key: KEY,
    message: "sample",
    signature:
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    good: false,
  },
  {
    name: "r and s are 1",
    key: KEY,
    message: "sample",
    signature:
      "00000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000001",
    good: false,
  },
  {
    name: "s plus n",
    key: "04d4c8eaf0815d8b9e789f5ae81d1c5c70e3dbb907ca3dac8064fe705f85b059d52c227dbb8699a0157c4cc3f10629cec67e65e0d65b728e461cf60b2f4ce2690c",
    message: "sample",
    signature:
      "0000000000000000000000000000000000000000000000000000000000000003ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632558",
    good: false,
  },
  {
    name: "r and s in each other's place",
    key: KEY,
    message: "sample",
    signature: S + R,
    good: false,
  },
  {
    name: "another message",
    key: KEY,
    message: "Sample",
    signature: R + S,
    good: false,
  },
  {
    name: "another key",
    key: "0415797ae57c574afdcfcd1fe48482512bf8134a0338f14e0374a542585477fd70296a96b3f5cf14e63952aa745f9249d3d5d5d8db94651a93070f53513dc15271",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "the key with the other y",
    key: "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb686fc01eef74743675be51616a9d7439b0d0e4df4d28160ae885c3d6b2bb9dd66",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a signature of 63 bytes",
    key: KEY,
    message: "sample",
    signature:
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acd",
    good: false,
  },
  {
    name: "a signature of 65 bytes",
    key: KEY,
    message: "sample",
    signature:
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda800",
    good: false,
  },
  {
    name: "no signature",
    key: KEY,
    message: "sample",
    signature: "",
    good: false,
  },
  {
    name: "a signature in DER",
    key: KEY,
    message: "sample",
    signature:
      "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    good: false,
  },
  {
    name: "the point at infinity as the key",
    key: "00",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "nothing as the key",
    key: "",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a compressed key",
    key: "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a hybrid key",
    key: "0760fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key without its first byte",
    key: KEY.slice(2),
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key of 66 bytes",
    key: `${KEY}00`,
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key beside the curve",
    key: "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key of zeros",
    key: "0400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key on the curve's twist",
    key: "0400000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000001",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key whose x is p or more",
    key: "04ffffffff00000001000000000000000000000001000000000000000000000004459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
    message: "sample",
    signature: R + S,
    good: false,
  },
  {
    name: "a key of all ones",
    key: "04ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    message: "sample",
    signature: R + S,
    good: false,
  },
];
