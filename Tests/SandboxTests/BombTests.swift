// Programs that want too much: processes, memory, files, time. Each is also tried bare, so that it can fail.
import Encoding
import Sandbox
import TestSupport
import Testing

@Suite(.enabled(if: Probe.isPossible, Probe.need)) struct BombTests {
    @Test(arguments: ["fork", "zombie", "thread"])
    func processesAreCounted(kind: String) async throws {
        let boxed = try #require(Int(try await Probe.boxedWord([kind, "100"])))
        #expect((1...32).contains(boxed))
        #expect(try Probe.bareWord([kind, "100"]) == "100")
    }

    @Test func memoryIsBounded() async throws {
        let boxed = try #require(Int(try await Probe.boxedWord(["heap", "1024"])))
        #expect((256..<512).contains(boxed))
        #expect(try Probe.bareWord(["heap", "1024"]) == "1024")
    }

    @Test func filesInMemoryAreBounded() async throws {
        var limits = Probe.patient
        limits.scratchMiB = 4
        for folder in ["/work", "/tmp"] {
            #expect(try await Probe.boxedWord(["fill", folder, "8"], limits: limits) == "4")
        }
        #expect(try await Probe.boxedWord(["fill", "/dev/shm", "8"], limits: limits) == "1")
        let folder = try #require(Probe.program).folder.path
        #expect(try Probe.bareWord(["fill", folder, "8"]) == "8")
    }

    @Test func filesWithoutContentEndWithTheProcessorTime() async throws {
        var limits = Probe.patient
        limits.cpuSeconds = 1
        let run = try await Probe.boxed(["inode", "/work", "0"], limits: limits)
        #expect(run.end == .exited(137))
        let folder = try #require(Probe.program).folder.path
        #expect(try Probe.bareWord(["inode", folder, "3000"]) == "3000")
    }

    @Test func descriptorsAreCounted() async throws {
        let boxed = try #require(Int(try await Probe.boxedWord(["descriptor", "500"])))
        #expect((1..<64).contains(boxed))
        #expect(try Probe.bareWord(["descriptor", "500"]) == "500")
    }

    @Test func memoryFilesNeedAControlGroup() async throws {
        let isGrouped = try #require(Probe.sandbox).tier == .a
        #expect(try await Probe.boxedWord(["call", "memfd"]) == (isGrouped ? "reached" : "refused 38"))
        #expect(try Probe.bareWord(["call", "memfd"]) == "reached")
    }

    @Test func spinningEndsWithTheProcessorTime() async throws {
        var limits = Probe.patient
        limits.cpuSeconds = 1
        let run = try await Probe.boxed(["spin", "0"], limits: limits)
        #expect(run.end == .exited(137))
        // The kernel counts towards the limit in whole ticks: on a busy machine it ends a program earlier than it says.
        #expect((500_000...1_500_000).contains(run.cpuMicroseconds))
        #expect(try Probe.bareWord(["spin", "1200"]) == "spun")
    }

    @Test func aLargeFileIsCutOff() async throws {
        var limits = Probe.patient
        limits.fileMiB = 1
        let run = try await Probe.boxed(["fill", "/work", "1"], limits: limits)
        #expect(run.end == .exited(0))
    }
}
