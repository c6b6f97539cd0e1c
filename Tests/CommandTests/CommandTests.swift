// Tests of the real binary.
import Testing
