// Tests of the Community room.
import Testing
