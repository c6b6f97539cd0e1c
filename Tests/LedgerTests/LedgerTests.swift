// Tests of the Ledger room.
import Testing
