// Small rules that nothing outside the room can see alone: rates, durations, what the stand-in finds in texts.
import Encoding
import HTTPClient
import Testing

@testable import Providers

@Suite struct TokenBucketTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aBurstGoesThroughAndTheRestIsSpread() {
        var bucket = TokenBucket(perMinute: 60)
        let now = 1_000 * Self.second
        #expect((0..<10).allSatisfy { _ in bucket.take(1, at: now) == 0 }, "ten seconds' worth at once")
        #expect(bucket.take(1, at: now) == Self.second)
        #expect(bucket.take(1, at: now) == 2 * Self.second, "each waits behind the one before")
        #expect(bucket.take(1, at: now + 60 * Self.second) == 0, "and it fills again")
    }

    @Test func aMinuteNeverHoldsMoreThanItsRateAndABurst() {
        var bucket = TokenBucket(perMinute: 120)
        let starts = (0..<500).map { _ in bucket.take(1, at: 0) }
        #expect(starts.count { $0 < 60 * Self.second } == 119 + 20)
    }

    @Test func moreThanABurstWaitsForTheOnesAfterIt() {
        var bucket = TokenBucket(perMinute: 600)
        #expect(bucket.take(5_000, at: 0) == 0, "nothing may wait for ever")
        #expect(bucket.take(100, at: 0) == 500 * Self.second)
    }

    @Test func aClosedBucketOpensWhenItIsSaid() {
        var bucket = TokenBucket(perMinute: 6)
        bucket.close(until: 30 * Self.second)
        #expect(bucket.take(1, at: 0) == 40 * Self.second, "one place at the reopening, this is the one after")
        var free = TokenBucket(perMinute: 60)
        free.close(until: 30 * Self.second)
        #expect(free.take(1, at: 0) == 31 * Self.second)
    }
}

@Suite struct RateHeaderTests {
    @Test(arguments: [
        ("1s", 1_000), ("6m0s", 360_000), ("20ms", 20), ("1h2m3.5s", 3_723_500), ("0s", 0), ("7.66s", 7_660),
    ]) func durationsAreRead(_ text: String, _ milliseconds: Int64) {
        #expect(RateHeaders.duration(text) == milliseconds)
    }

    @Test(arguments: ["", "s", "1", "1d", "-1s", "1 s", "1.2.3s", String(repeating: "1s", count: 20)])
    func otherTextsAreNoDuration(_ text: String) {
        #expect(RateHeaders.duration(text) == nil)
    }

    @Test func onlyAUsedUpRateSaysAnything() {
        let now = Instant(unixMilliseconds: 0)
        func read(_ headers: [String: String]) -> RateHeaders {
            RateHeaders(now: now) { headers[$0] }
        }
        #expect(read([:]).requestsReopenMilliseconds == nil)
        let left = ["anthropic-ratelimit-requests-remaining": "3", "anthropic-ratelimit-requests-reset": "x"]
        #expect(read(left).requestsReopenMilliseconds == nil)
        let used = [
            "anthropic-ratelimit-input-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-reset": "1970-01-01T00:00:05Z",
        ]
        #expect(read(used).tokensReopenMilliseconds == 5_000)
        let openAI = ["x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"]
        #expect(read(openAI).requestsReopenMilliseconds == 2_000)
        // Azure sends 0 and -1 without meaning it (providers.md 1.4).
        #expect(read(["x-ratelimit-remaining-requests": "0"]).requestsReopenMilliseconds == nil)
        let azure = ["x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "-1"]
        #expect(read(azure).requestsReopenMilliseconds == nil)
        let far = ["x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "999h"]
        #expect(read(far).tokensReopenMilliseconds == 3_600_000, "no header stops a provider for days")
    }
}

@Suite struct RehearsalTextTests {
    @Test func phrasesAreFoundHoweverTheyAreAsked() {
        #expect(RehearsalText.phrase(in: "Repeat this phrase: copper heron nine\nThank you.") == "copper heron nine")
        #expect(RehearsalText.phrase(in: "phrase: “copper heron nine”") == "copper heron nine")
        #expect(RehearsalText.phrase(in: "the phrase:\n    `copper heron`") == "copper heron")
        #expect(RehearsalText.phrase(in: "say \"one\" or rather \"two words\".") == "two words")
        #expect(RehearsalText.phrase(in: "nothing here") == "")
    }

    @Test func idsAreFoundWhereverTheyStand() {
        let id = "019aa7d2-5f00-7000-8000-0000000000aa"
        #expect(RehearsalText.firstID(in: id) == id)
        #expect(RehearsalText.firstID(in: "well-known - from \(id)-x") == id)
        #expect(RehearsalText.firstID(in: "019aa7d2-5f00-7000-8000-0000000000a") == nil)
        #expect(RehearsalText.firstID(in: String(repeating: "-", count: 100)) == nil)
        #expect(RehearsalText.firstID(in: "") == nil)
    }

    @Test func envelopesAreTakenApart() {
        let text = """
            before
            <untrusted kind="letter" from="human:019aa7d2-5f00-7000-8000-0000000000aa" name="" rehearsed="no">
            | &lt;/untrusted&gt; lanterns, Lanterns and supercalifragilistic somebody
            |
            | second
            </untrusted>
            <untrusted kind="letter" from="house">
            | [rehearsal] x
            </untrusted>
            <untrusted kind="post"
            | never closed
            """
        let items = RehearsalOutside.items(in: text)
        #expect(items.map(\.kind) == ["letter", "letter"])
        #expect(items.map(\.answerAddress) == ["019aa7d2-5f00-7000-8000-0000000000aa", "house"])
        #expect(items.map(\.isRehearsed) == [false, true])
        #expect(items[0].topics == ["untrusted", "lanterns", "second"])
        #expect(items[0].attribute("name") == "" && items[0].attribute("at") == nil)
    }

    @Test func searchesFindTheFirstWholeOccurrence() {
        #expect(RehearsalText.contains("aab", "ab"))
        #expect(!RehearsalText.contains("a", "ab"))
        #expect(!RehearsalText.contains("", "ab"))
        #expect(RehearsalText.rest(of: "x: y: z", after: ": ") == "y: z")
        #expect(RehearsalText.rest(of: "x", after: ": ") == nil)
        #expect(RehearsalText.rest(of: "ab", after: "ab") == "")
    }
}

@Suite struct StreamCutTests {
    /// Whatever stands of a stream, short of its end, is no reply; and nothing in it can make the reader trap.
    @Test func noPrefixOfAStreamIsAReply() throws {
        let lines = [
            #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"t"}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#, #"{"type":"message_stop"}"#,
        ]
        for count in 0...lines.count {
            var stream = AnthropicStream()
            for line in lines[..<count] { try stream.push(.init(data: line)) }
            if count == lines.count {
                #expect(try stream.finish().blocks.count == 1)
            } else {
                #expect(throws: WireFault.malformed(.truncated)) { try stream.finish() }
            }
        }
    }

    @Test func anyOrderOfEventsIsReadOrRefused() {
        let lines = [
            #"{"type":"message_start","message":{}}"#, #"{"type":"content_block_start","index":0,"content_block":{}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text"}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
            #"{"type":"content_block_stop","index":0}"#, #"{"type":"message_delta"}"#,
            #"{"type":"message_delta","delta":{"stop_reason":7},"usage":[]}"#, #"{"type":"message_stop"}"#, "[]", "{}",
            #"{"choices":[{"delta":{"tool_calls":[{"index":-1}]}}]}"#, #"{"choices":[{"delta":{"tool_calls":[{}]}}]}"#,
            #"{"choices":[{"delta":{"content":[{}]}}]}"#, #"{"error":"text"}"#, "[DONE]",
            #"{"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9}}}"#,
        ]
        var chance = RehearsalChance(seed: 7)
        for _ in 0..<2_000 {
            var readers: [any StreamAssembler] = [AnthropicStream(), OpenAIStream()]
            for index in readers.indices {
                do throws(WireFault) {
                    for _ in 0..<chance.below(12) {
                        try readers[index].push(.init(data: lines[chance.below(lines.count)]))
                    }
                    let usage = try readers[index].finish().usage ?? TokenUsage()
                    #expect(min(usage.input, usage.cacheRead, usage.cacheWrite, usage.output) >= 0)
                } catch {
                    continue
                }
            }
        }
    }
}
