// The keys of a keyring: from master key and epoch secret to the keyring's key, and from that to erasure keys.
internal import Cryptography
internal import Encoding

extension Keyring {
    static let keyLabel = Array("sanctuary/kk-wrap/v1".utf8)
    static let entryLabel = Array("sanctuary/pek-wrap/v1\0".utf8)
    static let macLabel = Array("sanctuary/keyring-mac/v1".utf8)

    /// The check value of a raw master key, by which a wrong one is told from a damaged keyring.
    static func checkValue(of master: borrowing SecretBytes) -> [UInt8] {
        BLAKE3.deriveKey(context: "sanctuary mek check v1", material: master, count: 16)
    }

    /// What a wrapped key of this vault and epoch is bound to.
    static func bound(_ label: [UInt8], vault: Identifier, epoch: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(label)
        writer.append(vault.bytes)
        writer.append(integer: epoch)
        return writer.bytes
    }

    private static func wrappingKey(
        master: borrowing SecretBytes, epochSecret: borrowing SecretBytes
    ) -> SecretBytes {
        let extracted = HKDF.extractSHA512(salt: epochSecret, input: master)
        return HKDF.expandSHA512(key: extracted, info: keyLabel, count: 32)
    }

    /// Wraps the keyring's key for one provider.
    static func wrap(
        _ keyringKey: borrowing SecretBytes, master: borrowing SecretBytes, epochSecret: borrowing SecretBytes,
        vault: Identifier, epoch: UInt64, salt: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        let key = wrappingKey(master: master, epochSecret: epochSecret)
        let context = bound(keyLabel + [0], vault: vault, epoch: epoch)
        do throws(CryptographyError) {
            return try ChunkedEncryption.seal(key: key, context: context, plaintext: keyringKey, salt: salt)
        } catch {
            throw .cryptography(error)
        }
    }

    /// The keyring's key out of a provider; nil when master key and epoch secret are not the right ones.
    func unwrapKey(
        _ provider: KeyringProvider, master: borrowing SecretBytes, epochSecret: borrowing SecretBytes
    ) throws(VaultError) -> SharedSecret? {
        let key = Self.wrappingKey(master: master, epochSecret: epochSecret)
        let context = Self.bound(Self.keyLabel + [0], vault: vault, epoch: epoch)
        do throws(CryptographyError) {
            return SharedSecret(
                try ChunkedEncryption.open(key: key, context: context, sealed: provider.wrappedKey))
        } catch {
            switch error {
            case .commitmentMismatch, .authenticationFailed: return nil
            default: throw .cryptography(error)
            }
        }
    }

    private static func entryContext(
        vault: Identifier, epoch: UInt64, resident: Identifier, pekID: Identifier
    ) -> [UInt8] {
        bound(entryLabel, vault: vault, epoch: epoch) + resident.bytes + pekID.bytes
    }

    /// Wraps an erasure key.
    static func entry(
        wrapping pek: borrowing SecretBytes, resident: Identifier, pekID: Identifier, createdMilliseconds: UInt64,
        keyringKey: borrowing SecretBytes, vault: Identifier, epoch: UInt64, salt: [UInt8]
    ) throws(VaultError) -> KeyringEntry {
        let context = entryContext(vault: vault, epoch: epoch, resident: resident, pekID: pekID)
        do throws(CryptographyError) {
            return KeyringEntry(
                resident: resident, pekID: pekID, createdMilliseconds: createdMilliseconds,
                wrappedKey: try ChunkedEncryption.seal(
                    key: keyringKey, context: context, plaintext: pek, salt: salt))
        } catch {
            throw .cryptography(error)
        }
    }

    /// The erasure key of an entry.
    func pek(of entry: KeyringEntry, keyringKey: borrowing SecretBytes, path: String) throws(VaultError) -> SecretBytes
    {
        let context = Self.entryContext(vault: vault, epoch: epoch, resident: entry.resident, pekID: entry.pekID)
        return try Blob.checked("key of \(entry.resident)", path: path) { () throws(CryptographyError) in
            try ChunkedEncryption.open(key: keyringKey, context: context, sealed: entry.wrappedKey)
        }
    }

    /// The MAC over everything before it.
    static func mac(of body: [UInt8], keyringKey: borrowing SecretBytes) -> [UInt8] {
        Array(HMACSHA512.authenticate(expanding: keyringKey, info: macLabel, body).prefix(macCount))
    }

    /// The whole file.
    func bytes(keyringKey: borrowing SecretBytes) -> [UInt8] {
        let body = bodyBytes()
        return body + Self.mac(of: body, keyringKey: keyringKey)
    }

    /// The entry of a resident, by binary search.
    func entry(of resident: Identifier) -> KeyringEntry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].resident < resident { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].resident == resident else { return nil }
        return entries[low]
    }
}
