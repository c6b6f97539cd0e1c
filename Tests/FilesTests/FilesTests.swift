// Tests of the Files room.
import Testing
