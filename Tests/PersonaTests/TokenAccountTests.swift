// The token account: its rules one by one, and its invariants under random use.
import Encoding
import Persona
import Testing

private func day(_ number: Int64) -> CivilDate {
    CivilDate(daysSinceEpoch: 20_778 + number)
}

@Suite struct TokenAccountTests {
    @Test func theDayOfTheReferenceVectorComesOutAsItSays() throws {
        // vectors/sanctuary-v1: two calls of 1,000 input and 120 output tokens, 600 of the house: 1,040; 8,960 left.
        var account = TokenAccount()
        account.credit(.nightly, on: day(0))
        var run = try account.reserve(for: .nightly)
        for _ in 0..<2 {
            run.charge(TokenCharge.tokens(input: 1_000, cacheRead: 0, cacheWrite: 0, output: 120, house: 600))
        }
        let settled = run.settle()
        #expect(settled.charged == 1_040)
        #expect(settled.account.balance == 8_960)
        #expect(settled.account.bank == 0)
    }

    @Test func allocationIsFreshEachDayAndWhatIsLeftExpires() {
        var account = TokenAccount(policy: .standard, balance: 8_960, bank: 500, lastCredited: day(0))
        #expect(account.credit(.nightly, on: day(1)) == .init(added: 10_000, expired: 8_960))
        #expect(account.balance == 10_000)
        #expect(account.bank == 500)
    }

    @Test func aManualRunIsCreditedOnlyAsTheFirstOfItsDay() {
        var account = TokenAccount(policy: .standard, balance: 40, bank: 0, lastCredited: day(0))
        #expect(account.credit(.manual, on: day(0)) == .init(added: 0, expired: 0))
        #expect(throws: PersonaError.belowMinimumRun(spendable: 40, minimum: 100)) { try account.reserve(for: .manual) }
        #expect(account.credit(.manual, on: day(-3)) == .init(added: 0, expired: 0))
        #expect(account.credit(.manual, on: day(1)) == .init(added: 10_000, expired: 40))
    }

    @Test func manualRunsNeverUseUpTheGuaranteedOne() throws {
        var account = TokenAccount()
        account.credit(.manual, on: day(0))
        var manual = try account.reserve(for: .manual)
        manual.charge(9_990)
        account = manual.settle().account
        #expect(account.credit(.nightly, on: day(0)) == .init(added: 9_990, expired: 0))
        #expect(try account.reserve(for: .nightly).remaining == 10_000)
    }

    @Test func onlyTheWeeklyRunOpensTheBank() throws {
        let account = TokenAccount(policy: .standard, balance: 10_000, bank: 70_000, lastCredited: day(0))
        #expect(try account.reserve(for: .nightly).remaining == 10_000)
        #expect(try account.reserve(for: .manual).remaining == 10_000)
        var weekly = try account.reserve(for: .weekly)
        #expect(weekly.remaining == 80_000)
        weekly.charge(25_000)
        let settled = weekly.settle()
        #expect(settled.fromAllocation == 10_000)
        #expect(settled.fromBank == 15_000)
        #expect(settled.account.balance == 0)
        #expect(settled.account.bank == 55_000)
    }

    @Test func bankingStopsAtTheCapAndSaysSo() throws {
        let account = TokenAccount(policy: .standard, balance: 10_000, bank: 97_000, lastCredited: day(0))
        var run = try account.reserve(for: .nightly)
        #expect(run.bank(5_000) == .init(moved: 3_000, refused: 2_000, room: 0))
        #expect(run.remaining == 7_000)
        #expect(run.bank(1) == .init(moved: 0, refused: 1, room: 0))
        #expect(run.bank(-5) == .init(moved: 0, refused: 0, room: 0))
        #expect(run.bank(.max) == .init(moved: 0, refused: .max, room: 0))
        #expect(run.settle().account.bank == 100_000)
    }

    @Test func bankedTokensCannotBeSpentByTheSameRunForNothing() throws {
        var run = try TokenAccount().reserve(for: .nightly)
        run.charge(1_000)
        #expect(run.bank(20_000) == .init(moved: 9_000, refused: 11_000, room: 91_000))
        #expect(run.remaining == 0)
        #expect(run.outputLimit(wanted: 500, inputEstimate: 0) == 0)
        run.charge(400)
        let settled = run.settle()
        #expect(settled.fromBank == 400)
        #expect(settled.banked == 8_600)
        #expect(settled.account.bank == 8_600)
        #expect(settled.account.balance == 0)
    }

    @Test func whatAProviderCountsBeyondTheAccountIsLetGo() throws {
        let account = TokenAccount(policy: .standard, balance: 300, bank: 5_000, lastCredited: day(0))
        var run = try account.reserve(for: .nightly)
        #expect(run.outputLimit(wanted: 4_096, inputEstimate: 120) == 180)
        run.charge(1_000)
        run.charge(-50)
        let settled = run.settle()
        #expect(settled.charged == 1_000)
        #expect(settled.uncovered == 700)
        #expect(settled.account.balance == 0)
        #expect(settled.account.bank == 5_000)
        run.charge(.max)
        run.charge(.max)
        #expect(run.settle().charged == TokenPolicy.largest)
    }

    @Test func aLedgerThatSaysMoreThanThePolicyIsClamped() {
        let account = TokenAccount(policy: .standard, balance: .max, bank: .max, lastCredited: nil)
        #expect(account.balance == 10_000)
        #expect(account.bank == 100_000)
        let poor = TokenAccount(policy: .standard, balance: -1, bank: .min, lastCredited: nil)
        #expect(poor.balance == 0)
        #expect(poor.bank == 0)
    }

    @Test func thePolicyKeepsTheGuaranteedRunAffordable() throws {
        _ = try TokenPolicy(daily: 1, bankCap: 0, minimumRun: 1)
        let refused: [(Int, Int, Int, String)] = [
            (0, 0, 1, "tokens.daily"), (.max, 0, 1, "tokens.daily"), (10, -1, 1, "tokens.bankCap"),
            (10, 0, 0, "tokens.minimumRun"), (10, 0, 11, "tokens.minimumRun"),
        ]
        for (daily, cap, minimum, setting) in refused {
            #expect(throws: PersonaError.tokenPolicy(setting)) {
                try TokenPolicy(daily: daily, bankCap: cap, minimumRun: minimum)
            }
        }
    }

    @Test(arguments: [
        // input, cache read, cache write, output, house → charged
        (1_000, 0, 0, 120, 600, 520), (400, 0, 600, 120, 600, 520), (400, 600, 0, 120, 600, 520),
        (400, 611, 0, 120, 600, 522), (400, 500, 100, 120, 600, 520), (10, 0, 0, 5, 600, 5), (0, 1, 0, 0, 0, 1),
        (0, 10, 0, 0, 0, 1), (0, 11, 0, 0, 0, 2), (-5, -5, -5, -5, -5, 0), (7, 0, 0, 0, -100, 7),
    ])
    func theHousesTokensAreNotCharged(_ row: (Int, Int, Int, Int, Int, Int)) {
        let (input, read, write, output, house, charged) = row
        #expect(
            TokenCharge.tokens(input: input, cacheRead: read, cacheWrite: write, output: output, house: house)
                == charged)
    }

    @Test func absurdCountsDoNotTrap() {
        let charged = TokenCharge.tokens(input: .max, cacheRead: .max, cacheWrite: .max, output: .max, house: .min)
        #expect(charged == 3 * (1 << 40) + ((1 << 40) + 9) / 10)
    }

    @Test(arguments: 1...20)
    func invariantsHoldUnderRandomUse(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let policy = try TokenPolicy(
            daily: .random(in: 100...20_000, using: &random), bankCap: .random(in: 0...120_000, using: &random),
            minimumRun: .random(in: 1...100, using: &random))
        var account = TokenAccount(policy: policy)
        var today: Int64 = 0
        for _ in 0..<400 {
            today += .random(in: -1...2, using: &random)
            let kind = try #require(TokenAccount.RunKind.allCases.randomElement(using: &random))
            let before = account
            let credit = account.credit(kind, on: day(today))
            #expect(account.balance == before.balance + credit.added - credit.expired)
            #expect(account.bank == before.bank)
            #expect(kind == .manual || account.balance == policy.daily)
            guard var run = try? account.reserve(for: kind) else {
                #expect(kind == .manual && account.balance < policy.minimumRun)
                continue
            }
            var calls = 0
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                if Bool.random(using: &random) {
                    let wish = Int.random(in: -10...30_000, using: &random)
                    let banking = run.bank(wish)
                    #expect(banking.moved + banking.refused == max(0, wish))
                } else {
                    let cost = Int.random(in: 0...9_000, using: &random)
                    calls += cost
                    run.charge(cost)
                }
                #expect(run.remaining >= 0)
            }
            let settled = run.settle()
            let after = settled.account
            #expect(settled.charged == calls)
            #expect(settled.fromAllocation + settled.fromBank + settled.uncovered == calls)
            #expect(
                [settled.fromAllocation, settled.fromBank, settled.uncovered, settled.banked].allSatisfy { $0 >= 0 })
            // Conservation: nothing appears, nothing goes but what was paid.
            #expect(after.balance + after.bank == account.balance + account.bank - calls + settled.uncovered)
            #expect((0...policy.daily).contains(after.balance))
            #expect((0...policy.bankCap).contains(after.bank))
            #expect(kind == .weekly || after.bank >= account.bank)
            // A run that stayed within what it may spend never leaves a debt.
            #expect(calls > account.spendable(by: kind) || settled.uncovered == 0)
            account = after
        }
    }
}
