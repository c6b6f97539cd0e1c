// A new master key: every erasure key re-wrapped under a new keyring key and epoch, the old ones destroyed.
import Encoding
import Ledger
public import Vault

extension House {
    /// Replaces the master key; what the old one opened stays where it is, and nothing opens by it any more.
    ///
    /// - Parameter replacement: the new key, and whether the home keeps it in `keys/master.key`.
    /// - Returns: the keyring's new state.
    public func rotateMaster(_ replacement: MasterReplacement) async throws(EngineError) -> KeyringState {
        try await asEngineError {
            let vault = try openedVault()
            try await changeKeyring { try vault.prepareKeyring(newMaster: replacement) }
            return vault.keyringState
        }
    }
}
