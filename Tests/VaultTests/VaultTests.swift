// Tests of the Vault room.
import Testing
