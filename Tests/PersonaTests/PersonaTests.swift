// Tests of the Persona room.
import Testing
