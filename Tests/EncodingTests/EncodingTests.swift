// Tests of the Encoding room.
import Testing
