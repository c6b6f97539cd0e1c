// Letters: who gets them, when, and who no longer may write (vault.md, "Mail"; B-60).
import Community
import Encoding
import Ledger
import SQLite
import Testing

private let aria = CommunityFixture.number(1)
private let boris = CommunityFixture.number(2)
private let human = CommunityFixture.number(50)

@Suite struct MailTests {
    private func house() async throws -> CommunityFixture {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.admit(boris, "Boris")
        return house
    }

    private func revoke(_ house: CommunityFixture) async throws {
        try await house.ledger.append([
            CommunitySpans.accessRevoked(
                span: house.next(), human: human, by: aria, at: house.at(30), rehearsed: false, run: nil)
        ])
    }

    @Test func everyKindOfLetterFindsItsWay() async throws {
        let house = try await house()
        let fromHuman = try await house.send(from: .human(human), to: .resident(aria), minutes: 1)
        let fromBoris = try await house.send(from: .resident(boris), to: .resident(aria), minutes: 2)
        let fromHouse = try await house.send(
            from: .operator(CommunityFixture.operatorID), to: .resident(aria), minutes: 3)
        try await house.send(from: .resident(aria), to: .house, minutes: 4)
        try await house.send(from: .resident(aria), to: .human(human), minutes: 5)
        let inbox = try await house.reader.inbox(of: aria, now: house.at(9))
        #expect(inbox.map(\.id) == [fromHuman, fromBoris, fromHouse])
        #expect(inbox.map(\.from) == [.human(human), .resident(boris), .house])
        #expect(inbox.allSatisfy { $0.to == .resident(aria) && $0.ciphertext == [1, 2, 3] && $0.state == .queued })
        // What goes to a human without a key of their own is the house's to hand on.
        #expect(try await house.reader.letters(to: .house, now: house.at(9)).map(\.to) == [.house, .human(human)])
        try await house.ledger.write { connection in
            try CommunityStore.putPerson(
                human, name: "Ana", inboxKey: [UInt8](repeating: 3, count: 32), at: CommunityFixture.start,
                in: connection)
        }
        #expect(try await house.reader.letters(to: .house, now: house.at(9)).map(\.to) == [.house])
        #expect(try await house.reader.letters(to: .house, from: boris, now: house.at(9)).isEmpty)
        #expect(
            try await house.reader.letters(to: .human(human), from: aria, now: house.at(9)).map(\.queuedAt) == [
                house.at(5)
            ])
        #expect(try await house.reader.inbox(of: aria, now: house.at(9), limit: 1).map(\.id) == [fromHuman])
    }

    @Test func aDeliveredLetterIsNotDeliveredAgain() async throws {
        let house = try await house()
        try await house.send(from: .human(human), to: .resident(aria))
        let row = try #require(try await house.reader.inbox(of: aria, now: house.at(2)).first)
        try await house.ledger.append([
            CommunitySpans.delivered(span: house.next(), letter: row, who: .engine, at: house.at(3))
        ]) { try CommunityStore.removeLetter(row.id, in: $0) }
        #expect(try await house.reader.inbox(of: aria, now: house.at(4)).isEmpty)
        let after = try await house.ledger.read { try CommunityTables.letter(row.id, now: house.at(4), in: $0) }
        #expect(after?.state == .delivered)
        #expect(after?.ciphertext == nil)
    }

    @Test func aLetterThatWaitsIsDeliveredOnItsDay() async throws {
        let house = try await house()
        let tomorrow = CommunityFixture.days[1]
        let id = try await house.send(from: .resident(boris), to: .resident(aria), notBefore: tomorrow)
        #expect(try await house.reader.inbox(of: aria, now: tomorrow.adding(milliseconds: -1)).isEmpty)
        #expect(try await house.reader.inbox(of: aria, now: tomorrow).map(\.id) == [id])
        let row = try await house.ledger.read { try CommunityTables.letter(id, now: house.at(2), in: $0) }
        #expect(row?.state == .waiting)
        #expect(row?.notBefore == tomorrow)
        // It counts for the day on which it leaves, not for the one on which it was written.
        try await house.send(from: .resident(boris), to: .house)
        let view = try await house.reader.runView(of: boris, now: house.at(2), days: CommunityFixture.days)
        #expect(view?.messages == [1, 1, 0])
        #expect(try await house.reader.directory().waitingLetters == [aria: 1])
    }

    @Test func aLetterToTheHouseThatWaitsIsReadOnItsDay() async throws {
        let house = try await house()
        let tomorrow = CommunityFixture.days[1]
        let toHouse = try await house.send(from: .resident(aria), to: .house, notBefore: tomorrow)
        let toHuman = try await house.send(from: .resident(aria), to: .human(human), notBefore: tomorrow)
        let before = tomorrow.adding(milliseconds: -1)
        #expect(try await house.reader.letters(to: .house, now: before).isEmpty)
        #expect(try await house.reader.letters(to: .human(human), now: before).isEmpty)
        #expect(try await house.reader.letters(to: .house, now: tomorrow).map(\.id) == [toHouse, toHuman])
        #expect(try await house.reader.letters(to: .human(human), now: tomorrow).map(\.id) == [toHuman])
    }

    @Test func aRevokedHumanNeitherWritesNorReads() async throws {
        let house = try await house()
        try await house.send(from: .human(human), to: .resident(aria))
        try await house.send(from: .human(human), to: .resident(boris))
        try await house.send(from: .resident(aria), to: .human(human))
        try await revoke(house)
        try await house.send(from: .human(human), to: .resident(aria), minutes: 31)
        try await house.send(from: .resident(aria), to: .human(human), minutes: 32)
        #expect(try await house.reader.inbox(of: aria, now: house.at(60)).isEmpty)
        #expect(try await house.reader.letters(to: .human(human), now: house.at(60)).isEmpty)
        #expect(try await house.reader.inbox(of: boris, now: house.at(60)).count == 1)
        let view = try await house.reader.runView(of: aria, now: house.at(60), days: CommunityFixture.days)
        #expect(view?.revoked == [human])
        #expect(view?.writers == [human])
        #expect(try await house.reader.directory().waitingLetters == [boris: 1])
        await #expect(throws: CommunityError.accessRevoked(resident: aria)) {
            try await house.message(from: human, to: aria, minutes: 33)
        }
    }

    @Test func theTwentyFirstLetterOfAHumansDayIsRefused() async throws {
        let house = try await house()
        for minutes in 1...20 { try await house.message(from: human, to: aria, minutes: Int64(minutes)) }
        await #expect(throws: CommunityError.tooManyLetters(limit: 20)) {
            try await house.message(from: human, to: boris, minutes: 21)
        }
        try await house.message(from: CommunityFixture.number(51), to: aria, minutes: 22)
        #expect(try await house.reader.inbox(of: aria, now: house.at(60)).count == 21)
        // The refused one left nothing: neither span nor body.
        #expect(try await house.ledger.spans(.init(types: [.mailQueued])).count == 21)
    }

    @Test func anInboxHoldsTwoHundred() async throws {
        let house = try await house()
        for number in 0..<200 {
            try await house.message(from: CommunityFixture.number(300 + UInt64(number) / 20), to: aria)
        }
        await #expect(throws: CommunityError.inboxFull(resident: aria, limit: 200)) {
            try await house.message(from: human, to: aria)
        }
        try await house.message(from: human, to: boris)
    }

    @Test func nobodyWritesToTheDeletedOrTheUnknown() async throws {
        let house = try await house()
        let stays = try await house.send(from: .resident(aria), to: .house)
        let unread = try await house.send(from: .resident(aria), to: .resident(boris))
        let own = try await house.send(from: .human(human), to: .resident(aria))
        try await house.note(.residentDeleted, aria, ["level": "D0", "by": "resident"])
        try await house.ledger.write { try CommunityStore.removeLetters(of: aria, in: $0) }
        for resident in [aria, CommunityFixture.number(3)] {
            await #expect(throws: CommunityError.residentDeleted(resident)) {
                try await house.message(from: human, to: resident)
            }
        }
        #expect(try await house.reader.inbox(of: aria, now: house.at(60)).isEmpty)
        let bodies = try await house.ledger.read { connection in
            try [stays, unread, own].map {
                try CommunityTables.letter($0, now: house.at(60), in: connection)?.ciphertext
            }
        }
        #expect(bodies == [[1, 2, 3], nil, nil])
    }

    @Test func sendersAreNamedWhereTheyAreKnown() async throws {
        let house = try await house()
        try await house.ledger.write { connection in
            try CommunityStore.putPerson(human, name: "Ana", at: CommunityFixture.start, in: connection)
        }
        for who in [Actor.human(human), .resident(boris), .operator(CommunityFixture.operatorID)] {
            try await house.send(from: who, to: .resident(aria))
        }
        let view = try await house.reader.runView(of: aria, now: house.at(9), days: CommunityFixture.days)
        #expect(view?.senderNames == [.human(human): "Ana", .resident(boris): "Boris"])
        #expect(view?.humans == [human])
    }
}

@Suite struct RebuildTests {
    @Test func theTablesFollowFromTheSpansAlone() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.admit(boris, "Boris")
        try await house.post("one", by: aria, title: "First")
        let keeper = CommunityFixture.number(51)
        try await house.ledger.append([
            CommunitySpans.keeperAdded(span: house.next(), keeper: keeper, who: .node, at: house.at(1)),
            CommunitySpans.keeperRequested(
                span: house.next(), keeper: keeper, by: boris, at: house.at(2), rehearsed: true, run: nil),
            CommunitySpans.keeperAccepted(span: house.next(), keeper: keeper, of: boris, who: .node, at: house.at(3)),
        ])
        try await house.send(from: .human(human), to: .resident(aria))
        try await house.send(from: .resident(boris), to: .resident(aria), notBefore: CommunityFixture.days[1])
        try await house.send(from: .resident(aria), to: .house)
        try await house.ledger.append([
            CommunitySpans.accessRevoked(
                span: house.next(), human: human, by: aria, at: house.at(4), rehearsed: false, run: nil)
        ])
        try await house.note(
            .personaSettled, boris, ["runs": 1, "charged": 1, "balance": 2, "bank": 3, "model": "local/two"])
        try await house.note(.runFailed, boris, ["reason": "provider"])
        try await house.note(.residentDeleted, aria, ["level": "D0", "by": "resident"], content: ["statement": "Bye."])
        let before = try await house.derivedRows()
        #expect(before.count == 9)
        try await house.ledger.rebuild()
        #expect(try await house.derivedRows() == before)
        // What is no projection is still there.
        #expect(try await house.ledger.read { try $0.integer("SELECT count(*) FROM mail_body") } == 3)
    }
}
