package org.zoufang.bridge

import java.security.PublicKey

/** Bytes of an uncompressed point on P-256: 0x04 and two coordinates of 32. */
private const val POINT_BYTES = 65

/** A P-256 key's point uncompressed. It stands at the end of the key's standard encoding (X.509 SubjectPublicKeyInfo), at full length. */
fun PublicKey.uncompressedPoint(): ByteArray {
    val point = encoded.copyOfRange(encoded.size - POINT_BYTES, encoded.size)
    require(format == "X.509" && point[0] == 4.toByte()) { "not a public key on P-256" }
    return point
}
