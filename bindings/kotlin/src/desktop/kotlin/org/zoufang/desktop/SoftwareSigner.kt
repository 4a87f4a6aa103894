package org.zoufang.desktop

import java.math.BigInteger
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.X509EncodedKeySpec
import org.zoufang.core.Signer

internal val OWNER_ONLY: FileAttribute<Set<PosixFilePermission>> =
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))

/** A device key in software, on P-256. For tests and development: an app keeps its key where nobody copies it from. */
class SoftwareSigner(private val keys: KeyPair = made()) : Signer {
    override fun publicKey(): ByteArray = point(keys.public as ECPublicKey)
    override fun sign(message: ByteArray): ByteArray =
        Signature.getInstance("SHA256withECDSA").run {
            initSign(keys.private)
            update(message)
            sign()
        }

    companion object {
        /** The key in a folder, as `device.key` (PKCS #8) and `device.pub`; made there if there is none. */
        fun inFolder(folder: Path): SoftwareSigner {
            val (private, public) = folder.resolve("device.key") to folder.resolve("device.pub")
            if (Files.notExists(private)) {
                val keys = made()
                Files.write(public, keys.public.encoded)
                Files.createFile(private, OWNER_ONLY)
                Files.write(private, keys.private.encoded)
            }
            val factory = KeyFactory.getInstance("EC")
            val read = factory.generatePublic(X509EncodedKeySpec(Files.readAllBytes(public)))
            return SoftwareSigner(KeyPair(read, factory.generatePrivate(PKCS8EncodedKeySpec(Files.readAllBytes(private)))))
        }
        private fun made(): KeyPair =
            KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    }
}

/** A coordinate's bytes on P-256. */
private const val COORDINATE_BYTES = 32

/** The point uncompressed: 0x04, then both coordinates at full length, which [BigInteger] does not give by itself. */
private fun point(key: ECPublicKey): ByteArray {
    fun full(coordinate: BigInteger): ByteArray {
        val bytes = coordinate.toByteArray().takeLast(COORDINATE_BYTES)
        return ByteArray(COORDINATE_BYTES - bytes.size) + bytes
    }
    return byteArrayOf(4) + full(key.w.affineX) + full(key.w.affineY)
}
