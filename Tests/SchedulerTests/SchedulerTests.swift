// Tests of the Scheduler room.
import Testing
