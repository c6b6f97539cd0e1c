// What is kept of the newest posts between the readings of runs.
import Community
import Encoding
import Ledger
import SQLite
import Testing

private let aria = CommunityFixture.number(1)
private let boris = CommunityFixture.number(2)

@Suite struct NewestPostTests {
    /// A house of two, asked for the same posts twice: as they are kept between readings, and by a query of its own.
    private func house() async throws -> CommunityFixture {
        let house = try await CommunityFixture()
        try await house.admit(aria, "Aria")
        try await house.admit(boris, "Boris")
        return house
    }

    private func expectAgreement(_ house: CommunityFixture, limit: Int = 50, minutes: Int64 = 100_000) async throws {
        for resident in [aria, boris] {
            let now = house.at(minutes)
            let seen = try await house.reader.runView(
                of: resident, now: now, days: CommunityFixture.days, feedLimit: limit)
            let asked = try await house.reader.feed(limit: limit, excluding: resident, asOf: now)
            #expect(seen?.feed.map(\.id) == asked.map(\.id))
            #expect(seen?.feed.map(\.text) == asked.map(\.text))
            #expect(seen?.feed.allSatisfy { $0.author.isEmpty } == true)
        }
    }

    @Test func whatCameSinceIsPutInItsPlace() async throws {
        let house = try await house()
        try await expectAgreement(house)
        for (index, minutes) in [5, 3, 3, 9, 1, 3].enumerated() {
            try await house.post("\(index)", by: index % 2 == 0 ? aria : boris, minutes: Int64(minutes))
            try await expectAgreement(house)
        }
        try await expectAgreement(house, limit: 1)
        try await expectAgreement(house, minutes: 4)
    }

    @Test func whatIsNotKeptIsAskedFor() async throws {
        let house = try await house()
        try await house.post("the only one of Boris", by: boris, minutes: 1)
        try await expectAgreement(house)
        // More than are kept, so that nothing of Boris is left among them.
        for step in 0..<5 {
            try await house.ledger.append(
                (0..<60).map { index in
                    CommunitySpans.post(
                        span: house.next(), post: house.next(), by: aria, at: house.at(Int64(10 + step * 60 + index)),
                        title: nil, text: "\(step) \(index)", rehearsed: false, run: nil)
                })
            // The first readings add to what is kept; the last finds too many at once, and reads all again.
            if step != 3 { try await expectAgreement(house) }
        }
        try await expectAgreement(house, limit: 200)
        try await expectAgreement(house, minutes: 30)
    }

    @Test func postsThatWereMadeAnewAreReadAgain() async throws {
        let house = try await house()
        try await house.post("first", by: aria, minutes: 1)
        try await house.post("second", by: aria, minutes: 2)
        try await expectAgreement(house)
        try await house.ledger.write { try $0.run("UPDATE community_post SET text = 'another' WHERE text = 'second'") }
        try await expectAgreement(house)
        try await house.ledger.write { try $0.run("DELETE FROM community_post WHERE text = 'another'") }
        try await expectAgreement(house)
        try await house.ledger.write { try $0.run("DELETE FROM community_post") }
        try await expectAgreement(house)
    }
}
