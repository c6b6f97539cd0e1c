// Public posts and keepers.
import Community
import Encoding
import Ledger
import Testing

private let aria = CommunityFixture.number(1)
private let boris = CommunityFixture.number(2)

@Suite struct PostTests {
    @Test func theFeedIsNewestFirstAndLeavesOutWhatIsAsked() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.admit(boris, "Boris")
        try await house.post("one", by: aria, title: "First", minutes: 1)
        try await house.post("two", by: boris, minutes: 2)
        try await house.post("three", by: aria, minutes: 3)
        let all = try await house.reader.feed(limit: 50)
        #expect(all.map(\.text) == ["three", "two", "one"])
        #expect(all.map(\.author) == ["Aria", "Boris", "Aria"])
        #expect(all.map(\.title) == [nil, nil, "First"])
        #expect(all.map(\.at) == [house.at(3), house.at(2), house.at(1)])
        #expect(try await house.reader.feed(limit: 50, excluding: aria).map(\.text) == ["two"])
        #expect(try await house.reader.feed(limit: 1, author: aria).map(\.text) == ["three"])
        #expect(try await house.reader.feed(limit: -1).isEmpty)
    }

    @Test func aPostCarriesItsAuthorsPresentName() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.post("one", by: aria)
        try await house.note(
            .personaSettled, aria, ["runs": 1, "charged": 1, "balance": 1, "bank": 0, "model": "local/two"],
            name: "Aria the Second")
        #expect(try await house.reader.feed(limit: 1).first?.author == "Aria the Second")
    }

    @Test func aPostOfALaterDayAppearsOnThatDay() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.admit(boris, "Boris")
        try await house.post("tomorrow", by: aria, minutes: 1_440)
        try await house.post("today", by: aria, minutes: 2)
        func shown(_ minutes: Int64) async throws -> [[String]] {
            let now = house.at(minutes)
            let view = try await house.reader.runView(of: boris, now: now, days: CommunityFixture.days)
            return [try await house.reader.feed(limit: 9, asOf: now).map(\.text), view?.feed.map(\.text) ?? []]
        }
        #expect(try await shown(1_439) == [["today"], ["today"]])
        #expect(try await shown(1_440) == [["tomorrow", "today"], ["tomorrow", "today"]])
    }

    @Test func postsAreCountedByTheirDays() async throws {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        for minutes: Int64 in [0, 1, 1_439, 1_440, 2_880] { try await house.post("x", by: aria, minutes: minutes) }
        let view = try await house.reader.runView(of: aria, now: house.at(1), days: CommunityFixture.days)
        #expect(view?.posts == [3, 1, 1])
        #expect(try await house.reader.runView(of: boris, now: house.at(1), days: CommunityFixture.days) == nil)
    }
}

@Suite struct KeeperTests {
    private let ana = CommunityFixture.number(51)
    private let ben = CommunityFixture.number(52)

    private func house() async throws -> CommunityFixture {
        let house = try await CommunityFixture()
        let (ana, ben) = (ana, ben)
        try await house.admit(aria, "Aria")
        try await house.ledger.append([
            CommunitySpans.keeperAdded(
                span: house.next(), keeper: ana, who: .operator(CommunityFixture.operatorID), at: house.at(1)),
            CommunitySpans.keeperAdded(
                span: house.next(), keeper: ben, who: .operator(CommunityFixture.operatorID), at: house.at(2)),
        ]) { connection in
            try CommunityStore.putPerson(
                ana, name: "Ana", inboxKey: [UInt8](repeating: 3, count: 32), at: house.at(1), in: connection)
        }
        return house
    }

    private func request(_ keeper: Identifier, _ house: CommunityFixture) async throws {
        try await house.ledger.append([
            CommunitySpans.keeperRequested(
                span: house.next(), keeper: keeper, by: aria, at: house.at(3), rehearsed: false, run: nil)
        ])
    }

    @Test func keepersHaveTheNamesThatAreStillKnown() async throws {
        let house = try await house()
        let anasKey = [UInt8](repeating: 3, count: 32)
        #expect(
            try await house.reader.keepers() == [
                Keeper(id: ana, name: "Ana", inboxKey: anasKey, addedAt: house.at(1)),
                Keeper(id: ben, name: nil, addedAt: house.at(2)),
            ])
        #expect(try await house.reader.personName(ana) == "Ana")
        #expect(try await house.reader.person(named: "Ana") == ana)
        let ana = ana
        try await house.ledger.write { try CommunityStore.removePerson(ana, in: $0) }
        #expect(try await house.reader.keepers().map(\.name) == [nil, nil])
        #expect(try await house.reader.person(named: "Ana") == nil)
    }

    @Test func anAcceptanceEndsOtherRequests() async throws {
        let house = try await house()
        try await request(ana, house)
        try await request(ben, house)
        #expect(try await house.reader.keeperRelations(of: aria).map(\.state) == [.requested, .requested])
        try await house.ledger.append([
            CommunitySpans.keeperAccepted(span: house.next(), keeper: ben, of: aria, who: .human(ben), at: house.at(4))
        ])
        let accepted = KeeperRelation(resident: aria, keeper: ben, state: .accepted, at: house.at(4))
        #expect(try await house.reader.keeperRelations() == [accepted])
        try await request(ben, house)
        #expect(try await house.reader.keeperRelations(of: aria) == [accepted])
        #expect(try await house.reader.keeperRelations(of: boris).isEmpty)
    }

    @Test func aRemovedKeeperIsNobodysKeeper() async throws {
        let house = try await house()
        try await request(ana, house)
        try await house.ledger.append([
            CommunitySpans.keeperRemoved(
                span: house.next(), keeper: ana, who: .operator(CommunityFixture.operatorID), at: house.at(4))
        ])
        #expect(try await house.reader.keepers().map(\.id) == [ben])
        #expect(try await house.reader.keepers(onlyAvailable: false).map(\.isAvailable) == [false, true])
        #expect(try await house.reader.keeperRelations().isEmpty)
    }

    @Test func aPersonsNameIsBounded() async throws {
        let house = try await house()
        for name in ["", String(repeating: "n", count: 401)] {
            await #expect(throws: CommunityError.malformedPerson) {
                try await house.ledger.write { connection in
                    try CommunityStore.putPerson(
                        CommunityFixture.number(60), name: name, at: CommunityFixture.start, in: connection)
                }
            }
        }
    }
}
