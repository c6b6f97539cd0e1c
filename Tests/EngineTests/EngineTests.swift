// Tests of the Engine room.
import Testing
