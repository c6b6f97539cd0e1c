// Tests of the HTTPServer room.
import Testing
