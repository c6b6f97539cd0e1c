// Tests of the Tools room.
import Testing
