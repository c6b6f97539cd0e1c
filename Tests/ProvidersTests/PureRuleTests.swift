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

    @Test func aReportedBucketFillsEvenlyUntilItsReset() throws {
        let report = RateReport(limit: 50, remaining: 0, resetMilliseconds: 60_000)
        var bucket = try #require(TokenBucket(reported: report, underWay: 0, at: 0))
        #expect(bucket.take(1, at: 0) == 1_200_000_000, "one of fifty comes back every 1.2 s")
        #expect(bucket.take(1, at: 0) == 2_400_000_000)
        #expect(bucket.take(1, at: 60 * Self.second) == 0, "at the reset it is full")
        // What the provider had not counted yet is not there either.
        let half = RateReport(limit: 50, remaining: 25, resetMilliseconds: 30_000)
        var busy = try #require(TokenBucket(reported: half, underWay: 25, at: 0))
        #expect(busy.take(1, at: 0) == 1_200_000_000)
        var idle = try #require(TokenBucket(reported: half, underWay: 0, at: 0))
        #expect((0..<25).allSatisfy { _ in idle.take(1, at: 0) == 0 } && idle.take(1, at: 0) > 0)
    }

    @Test func aFullOrUnreadableReportHoldsNothingBack() throws {
        #expect(
            TokenBucket(reported: RateReport(limit: 50, remaining: 50, resetMilliseconds: 9), underWay: 9, at: 0) == nil
        )
        #expect(
            TokenBucket(reported: RateReport(limit: 50, remaining: 0, resetMilliseconds: 0), underWay: 0, at: 0) == nil)
        #expect(
            TokenBucket(reported: RateReport(limit: nil, remaining: 3, resetMilliseconds: 9), underWay: 0, at: 0) == nil
        )
        let closed = RateReport(limit: nil, remaining: 0, resetMilliseconds: 7_000)
        var bucket = try #require(TokenBucket(reported: closed, underWay: 0, at: 0))
        #expect(bucket.take(1, at: 0) == 7 * Self.second)
        let absurd = RateReport(limit: .max, remaining: 0, resetMilliseconds: .max)
        #expect(TokenBucket(reported: absurd, underWay: .max, at: .max) != nil, "and nothing traps")
    }

    @Test func whatWasNotUsedComesBack() {
        var bucket = TokenBucket(perMinute: 600)
        #expect(bucket.take(100, at: 0) == 0)
        bucket.giveBack(60, at: 0)
        #expect(bucket.take(60, at: 0) == 0 && bucket.take(1, at: 0) > 0)
        bucket.giveBack(1_000_000, at: 0)
        #expect(bucket.take(100, at: 0) == 0 && bucket.take(1, at: 0) > 0, "never more than a burst")
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

    @Test func bothFamiliesOfHeadersAreRead() {
        let now = Instant(unixMilliseconds: 0)
        func read(_ headers: [String: String]) -> RateHeaders {
            RateHeaders(now: now) { headers[$0] }
        }
        #expect(read([:]) == read(["anthropic-ratelimit-requests-remaining": "3"]))
        #expect(
            read(["anthropic-ratelimit-requests-remaining": "3", "anthropic-ratelimit-requests-reset": "x"]).requests
                == nil)
        let anthropic = read([
            "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "1970-01-01T00:00:01Z",
            "anthropic-ratelimit-input-tokens-limit": "30000", "anthropic-ratelimit-input-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-reset": "1970-01-01T00:00:05Z",
            "anthropic-ratelimit-output-tokens-limit": "8000", "anthropic-ratelimit-output-tokens-remaining": "7000",
            "anthropic-ratelimit-output-tokens-reset": "1970-01-01T00:00:07Z",
        ])
        #expect(anthropic.requests == RateReport(limit: 50, remaining: 49, resetMilliseconds: 1_000))
        #expect(anthropic.input == RateReport(limit: 30_000, remaining: 0, resetMilliseconds: 5_000))
        #expect(anthropic.output == RateReport(limit: 8_000, remaining: 7_000, resetMilliseconds: 7_000))
        let openAI = read([
            "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "2s", "x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "6m0s",
        ])
        #expect(openAI.requests == RateReport(limit: 500, remaining: 0, resetMilliseconds: 2_000))
        #expect(openAI.input == RateReport(limit: nil, remaining: 9, resetMilliseconds: 360_000))
        #expect(openAI.output == nil)
        // Azure sends 0 and -1 without meaning it (providers.md 1.4).
        #expect(read(["x-ratelimit-remaining-requests": "0"]).requests == nil)
        #expect(
            read(["x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "1s"]).requests == nil)
        let far = ["x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "999h"]
        #expect(read(far).input?.resetMilliseconds == 3_600_000, "no header stops a provider for days")
    }

    @Test func resetsAreReadByTheAnswersOwnDate() {
        let headers = [
            "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": "1994-11-06T08:50:07Z", "date": "Sun, 06 Nov 1994 08:49:37 GMT",
        ]
        let read = RateHeaders(now: Instant(unixMilliseconds: 0)) { headers[$0] }
        #expect(read.requests?.resetMilliseconds == 30_000)
    }

    @Test(arguments: [-90_000, -3_600, -1, 0, 3_600, 90_000])
    func aClockThatJumpedNeitherTrapsNorWaitsForEver(_ seconds: Int64) {
        // The provider says "in one minute"; our clock stands elsewhere (engine.md, the suite that decides).
        let headers = RateHeaders(now: Instant(unixMilliseconds: 1_795_222_932_000 + seconds * 1_000)) { name in
            [
                "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": Instant(unixMilliseconds: 1_795_222_992_000).rfc3339,
            ][name]
        }
        #expect((0...3_600_000).contains(headers.requests?.resetMilliseconds ?? -1))
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
                    let usage = try readers[index].finish().usage.settled(input: 1)
                    #expect(min(usage.input, usage.cacheRead, usage.cacheWrite, usage.output) >= 0)
                } catch {
                    continue
                }
            }
        }
    }
}
