// What differs from run to run, by a name of its kind.

/// Masks ids, hashes, times, durations and the stage's folder.
///
/// Word boundaries are the simple ones: by those of Unicode there is none between `d` and `.spare`.
struct Mask {
    let directory: String

    func callAsFunction(_ text: String) -> String {
        text.replacing(directory, with: "STAGE")
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "ID")
            .replacing(/\b[0-9a-f]{32}\.([0-9]+)\.blob/.wordBoundaryKind(.simple)) { "ID.\($0.output.1).blob" }
            .replacing(/blobs\/[0-9a-f]{2}\//, with: "blobs/NN/")
            .replacing(/\b[0-9a-f]{128}\b/.wordBoundaryKind(.simple), with: "SIGNATURE")
            .replacing(/\b[0-9a-f]{64}\b/.wordBoundaryKind(.simple), with: "HASH")
            .replacing(/\b[0-9a-f]{32}\b/.wordBoundaryKind(.simple), with: "ID")
            .replacing(/\b[0-9a-f]{16}…/.wordBoundaryKind(.simple), with: "HASH…")
            .replacing(/\b[0-9a-f]{8}\b/.wordBoundaryKind(.simple), with: "SHORTID")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z/, with: "TIME")
            .replacing(/"ms":[0-9]+/, with: "\"ms\":N")
            .replacing(/\b([0-9]+ m )?[0-9]+(\.[0-9])? s\b/.wordBoundaryKind(.simple), with: "N s")
            // How far a night is, said only of one that a busy machine keeps for seconds.
            .replacing(/(?m)^[0-9]+\/[0-9]+ runs, [^\n]*\n/, with: "")
            .replacing(/(?m)^\{"event":"progress"[^\n]*\n/, with: "")
            .replacing(/\b[0-9]+ ms\b/.wordBoundaryKind(.simple), with: "N ms")
            .replacing(/[0-9]+ spans?/, with: "N spans")
            .replacing(/found [0-9]+ ending/, with: "found N ending")
            .replacing(/, [0-9]+ are there/, with: ", N are there")
            .replacing(/"spans":[0-9]+/, with: "\"spans\":N")
            .replacing(/\b[0-9]{2,3},[0-9]{3}\b/.wordBoundaryKind(.simple), with: "NNN,NNN")
            .replacing(/"worstCaseTokens":[0-9]+/, with: "\"worstCaseTokens\":N")
            .replacing(/manual [0-9]{4}-[0-9]{2}-[0-9]{2}/, with: "manual DAY")
            .replacing(/size: expected [0-9]+/, with: "size: expected N")
            .replacing(
                /\n {8}(posted|chose|changed|read|wrote|looked|asked|revoked|banked)[^\n]*/, with: ""
            )
            .replacing(/"acts":\[[^\]]*\]/, with: "\"acts\":[]")
            // What the stand-in does depends on the resident's id.
            .replacing(/[0-9]+ rounds?, [0-9]+ calls?(, [0-9]+ refused)?, [0-9,]+ tokens charged/, with: "WORK")
            .replacing(/[0-9,]+ tokens charged/, with: "N tokens charged")
            .replacing(/"(rounds|toolCalls|replies|cachePercent|input|cacheRead|cacheWrite|output|charged)":[0-9]+/) {
                "\"\($0.output.1)\":N"
            }
    }
}
