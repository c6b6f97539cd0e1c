// Tests of the Providers room.
import Testing
