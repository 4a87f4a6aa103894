package org.zoufang.bridge

import android.content.Context
import android.os.UserManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.system.ErrnoException
import android.system.Os
import android.system.OsConstants
import java.io.File
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import org.zoufang.core.KeyVault
import org.zoufang.core.PortException

private const val KEYSTORE = "AndroidKeyStore"
private const val WRAPPING_KEY = "zoufang.wrap"
private const val CIPHER = "AES/GCM/NoPadding"
private const val NONCE_BYTES = 12
private const val TAG_BITS = 128

/** The database's key, wrapped by an AES key inside the phone's Keystore, in a folder that no backup copies. */
fun androidKeyVault(context: Context): KeyVault =
    WrappedKeyVault(File(context.noBackupFilesDir, "keys"), KeystoreWrap(context), ::forceFolder)

/** AES-GCM by a key that the Keystore made and never gives out. The name is bound in, so that two profiles' files cannot be swapped. */
internal class KeystoreWrap(private val context: Context) : KeyWrap {
    override fun wrap(name: String, key: ByteArray): ByteArray = asked {
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, kept() ?: made())
        cipher.updateAAD(name.toByteArray())
        cipher.iv + cipher.doFinal(key)
    }

    override fun unwrap(name: String, wrapped: ByteArray): ByteArray = asked {
        if (wrapped.size <= NONCE_BYTES) throw GeneralSecurityException("too short")
        val cipher = Cipher.getInstance(CIPHER)
        val nonce = GCMParameterSpec(TAG_BITS, wrapped, 0, NONCE_BYTES)
        // A wrapped key without its wrapping key is not "no key": it opens nothing any more, and nothing may be made in its place.
        cipher.init(Cipher.DECRYPT_MODE, kept() ?: throw PortException.Unusable(), nonce)
        cipher.updateAAD(name.toByteArray())
        cipher.doFinal(wrapped, NONCE_BYTES, wrapped.size - NONCE_BYTES)
    }

    private fun kept(): SecretKey? = KeyStore.getInstance(KEYSTORE).apply { load(null) }.getKey(WRAPPING_KEY, null) as SecretKey?

    private fun made(): SecretKey {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val wanted = KeyGenParameterSpec.Builder(WRAPPING_KEY, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE).apply { init(wanted) }.generateKey()
    }

    private fun <T> asked(act: () -> T): T = askedOfKeystore(context, act)
}

/** What the Keystore throws beside its checked exceptions becomes one of the ports' errors; before the first unlock it is not asked at all. */
internal fun <T> askedOfKeystore(context: Context, act: () -> T): T {
    if (!context.getSystemService(UserManager::class.java).isUserUnlocked) throw PortException.Locked()
    return try {
        act()
    } catch (error: ProviderException) {
        throw PortException.Failed(error.javaClass.simpleName)
    }
}

/** Makes a rename in a folder durable. */
private fun forceFolder(folder: File) {
    try {
        val opened = Os.open(folder.path, OsConstants.O_RDONLY, 0)
        try {
            Os.fsync(opened)
        } finally {
            Os.close(opened)
        }
    } catch (error: ErrnoException) {
        throw IOException(error)
    }
}
