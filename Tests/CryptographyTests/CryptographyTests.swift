// Tests of the Cryptography room.
import Testing
