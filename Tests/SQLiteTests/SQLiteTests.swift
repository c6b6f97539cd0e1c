// Tests of the SQLite room.
import Testing
