// The key store of the system, through Electron: the keychain of macOS, DPAPI of Windows, a keyring of the Linux desktop. On
// Linux without one Electron would encrypt with a key that is in its source; that is none for us.

import { safeStorage } from 'electron'

/** As `KeyStore` of `main/remembered.ts` has it. */
export const systemKeyStore = {
  isReady(): boolean {
    if (!safeStorage.isEncryptionAvailable()) return false
    if (process.platform !== 'linux') return true
    // Older Electrons do not tell; theirs are available with a keyring only.
    const backend = (safeStorage as Partial<typeof safeStorage>).getSelectedStorageBackend?.()
    return backend !== 'basic_text' && backend !== 'unknown'
  },
  seal: (text: string): Uint8Array => safeStorage.encryptString(text),
  unseal: (sealed: Uint8Array): string => safeStorage.decryptString(Buffer.from(sealed)),
}
