// Tests of the HTTPClient room.
import Testing
