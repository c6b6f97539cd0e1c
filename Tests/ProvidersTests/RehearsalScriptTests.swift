// The script of the stand-in: rounds, stop reasons, substitutions and faults.
import Encoding
import Providers
import Testing

private func conversation(_ script: String, day: String = "Good morning.", limit: Int = 2_000) -> Conversation {
    let lines = script.split(separator: "\n").map { "rehearsal-script: \($0)" }.joined(separator: "\n")
    return Conversation(
        system: [
            SystemBlock(text: "Preamble.", cacheBreakpoint: true), SystemBlock(text: "You are Ada.\n\(lines)\nBye."),
        ],
        turns: [Turn(role: .user, blocks: [.text(day)])],
        tools: ["read_messages", "bank_tokens"].map {
            ToolDeclaration(name: $0, description: $0, inputSchema: ["type": "object"])
        }, maximumOutputTokens: limit)
}

private func followUp(_ start: Conversation, _ replies: [Reply], result: String = "ok") -> Conversation {
    var next = start
    for reply in replies {
        next.turns.append(reply.turn(from: .rehearsal))
        next.turns.append(
            Turn(
                role: .user, blocks: reply.toolUses.map { .toolResult(id: $0.id, content: result, isError: false) }))
    }
    return next
}

@Suite struct RehearsalScriptTests {
    @Test func roundsFollowEachOtherAndEnd() async throws {
        let bench = try Bench([])
        let start = conversation(
            """
            say first
            call read_messages
            call bank_tokens {"amount": 100}
            next
            call anything_at_all {"id":"$id","content":"$x5!"}
            """)
        let first = try await bench.router.send(start, to: .rehearsal)
        #expect(first.text == "[rehearsal] first")
        #expect(first.toolUses.map(\.name) == ["read_messages", "bank_tokens"])
        #expect(first.toolUses.last?.arguments == .object(["amount": 100]))
        #expect(first.stop == .toolUse)
        let id = "019aa7d2-5f00-7000-8000-0000000000aa"
        let second = try await bench.router.send(followUp(start, [first], result: "from \(id): hi"), to: .rehearsal)
        #expect(second.toolUses.map(\.name) == ["anything_at_all"])
        #expect(
            second.toolUses.first?.arguments == .object(["id": .string(id), "content": "[rehearsal] xxxxx!"]))
        #expect(Set((first.toolUses + second.toolUses).map(\.id)).count == 3, "ids are unique in a conversation")
        let third = try await bench.router.send(followUp(start, [first, second]), to: .rehearsal)
        #expect(third.toolUses.isEmpty && third.stop == .endTurn)
        await bench.close()
    }

    @Test func aRepeatedRoundNeverEnds() async throws {
        let bench = try Bench([])
        let start = conversation("call read_messages\nrepeat")
        var replies: [Reply] = []
        for _ in 0..<6 { replies.append(try await bench.router.send(followUp(start, replies), to: .rehearsal)) }
        #expect(replies.allSatisfy { $0.toolUses.map(\.name) == ["read_messages"] })
        await bench.close()
    }

    @Test func conditionsChooseWhatCounts() async throws {
        let bench = try Bench([])
        let script = """
            when prompt second day
            say two
            when prompt first day
            say one
            always
            call bank_tokens {"amount": 1}
            """
        let first = try await bench.router.send(conversation(script, day: "the first day"), to: .rehearsal)
        let second = try await bench.router.send(conversation(script, day: "the second day"), to: .rehearsal)
        #expect(first.text == "[rehearsal] one" && second.text == "[rehearsal] two")
        #expect(first.toolUses.count == 1 && second.toolUses.count == 1)
        await bench.close()
    }

    @Test func stopReasonsAndCutCallsComeAsScripted() async throws {
        let bench = try Bench([])
        let refused = try await bench.router.send(conversation("say no\nstop refusal"), to: .rehearsal)
        #expect(refused.stop == .refusal && refused.blocks.isEmpty)
        let raw = try await bench.router.send(conversation("raw bank_tokens {\"amount\": "), to: .rehearsal)
        #expect(raw.toolUses.first?.arguments == .unparsable("{\"amount\":"))
        let cut = try await bench.router.send(
            conversation("say $x\nsay long words, too many of them", limit: 4), to: .rehearsal)
        #expect(cut.stop == .maximumTokens && cut.usage.output <= 4)
        await #expect(throws: ProviderError.self) {
            try await bench.router.send(conversation("say x\nstop compaction"), to: .rehearsal)
        }
        await bench.close()
    }

    @Test func faultsComeAsScripted() async throws {
        let bench = try Bench([])
        func error(_ script: String) async -> ProviderError? {
            do throws(ProviderError) {
                _ = try await bench.router.send(conversation(script), to: .rehearsal)
                return nil
            } catch {
                return error
            }
        }
        for (script, reason) in [
            ("call read_messages\nfault truncated", MalformedReply.truncated), ("fault garbage", .notJSON),
            ("fault content-type", .contentType),
            ("call read_messages\ncall bank_tokens\nfault duplicate-ids", .duplicateToolID),
        ] {
            guard case .malformed(reason, _) = await error(script) else {
                Issue.record("\(script): not \(reason)")
                continue
            }
        }
        guard case .refused(let limited) = await error("fault status 429 3") else {
            Issue.record("no refusal")
            return
        }
        #expect(limited.status == 429 && limited.kind == "rate_limit_error")
        #expect(limited.hints.afterMilliseconds == 3_000)
        guard case .refused(let overloaded) = await error("say x\nfault error overloaded_error") else {
            Issue.record("no error event")
            return
        }
        #expect(overloaded.status == 529 && overloaded.isMidStream)
        await bench.close()
    }

    @Test func slowAnswersWaitAsTold() async throws {
        let bench = try Bench([])
        _ = try await bench.router.send(conversation("say x\nslow 1234"), to: .rehearsal)
        #expect(bench.waits.all == [1_234])
        await bench.close()
    }
}
