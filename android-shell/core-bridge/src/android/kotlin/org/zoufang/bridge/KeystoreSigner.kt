package org.zoufang.bridge

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import org.zoufang.core.PortException

private const val KEYSTORE = "AndroidKeyStore"

/** A profile's device key: P-256, made inside a chip of its own where the phone has one, else inside the processor's trusted part; it never leaves. */
class KeystoreSigner(private val context: Context, profile: String?) : DeviceKey {
    private val keyName = deviceKeyName(profile)

    override fun publicKey(): ByteArray = asked { (kept()?.certificate?.publicKey ?: made()).uncompressedPoint() }

    override fun sign(message: ByteArray): ByteArray = asked {
        val key: PrivateKey = kept()?.privateKey ?: throw PortException.Unusable()
        Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun forget() = asked { KeyStore.getInstance(KEYSTORE).apply { load(null) }.deleteEntry(keyName) }

    private fun kept(): KeyStore.PrivateKeyEntry? =
        KeyStore.getInstance(KEYSTORE).apply { load(null) }.getEntry(keyName, null) as KeyStore.PrivateKeyEntry?

    private fun made(): PublicKey {
        val hasOwnChip = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P &&
            context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)
        if (!hasOwnChip) return made(inOwnChip = false)
        return try {
            made(inOwnChip = true)
        } catch (full: ProviderException) {
            // StrongBoxUnavailableException, whose name Android 8 does not know.
            made(inOwnChip = false)
        }
    }

    private fun made(inOwnChip: Boolean): PublicKey {
        val wanted = KeyGenParameterSpec.Builder(keyName, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
        if (inOwnChip && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) wanted.setIsStrongBoxBacked(true)
        return KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEYSTORE).apply { initialize(wanted.build()) }.generateKeyPair().public
    }

    private fun <T> asked(act: () -> T): T = try {
        askedOfKeystore(context, act)
    } catch (gone: KeyPermanentlyInvalidatedException) {
        throw PortException.Unusable()
    } catch (error: GeneralSecurityException) {
        throw PortException.Failed(error.javaClass.simpleName)
    }
}
