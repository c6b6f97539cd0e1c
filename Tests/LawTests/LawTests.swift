// Tests of the Law room.
import Testing
