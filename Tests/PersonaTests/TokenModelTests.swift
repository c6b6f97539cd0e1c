// The token account against a model of few lines that knows nothing of it, in many random orders (S4-113 to S4-115).
import Encoding
import Persona
import TestSupport
import Testing

/// The rules as engine.md has them, on two plain numbers.
private struct Purse: Equatable {
    let daily: Int
    let cap: Int
    let minimum: Int
    var balance: Int
    var bank = 0
    var creditedDay: Int64?
    var given: Int
    var expired = 0
    var spent = 0

    init(_ policy: TokenPolicy) {
        daily = policy.daily
        cap = policy.bankCap
        minimum = policy.minimumRun
        balance = policy.daily
        given = policy.daily
    }

    /// A new day's allocation takes the place of what is left; the guaranteed run always gets a whole one.
    mutating func wake(isGuaranteed: Bool, day: Int64) {
        let isNew = creditedDay.map { day > $0 } ?? true
        guard isNew || isGuaranteed else { return }
        if isNew {
            if creditedDay != nil {
                expired += balance
                given += daily
            }
            creditedDay = day
        } else {
            given += daily - balance
        }
        balance = daily
    }

    /// One token at a time, from the allocation, then from what may be opened of the bank.
    mutating func pay(_ tokens: Int, fromBank allowed: Int) {
        var allowed = allowed
        for _ in 0..<tokens {
            if balance > 0 {
                balance -= 1
            } else if allowed > 0 {
                allowed -= 1
                bank -= 1
            } else {
                return
            }
            spent += 1
        }
    }
}

@Suite struct TokenModelTests {
    @Test(arguments: UInt64(1)...60)
    func theAccountDoesWhatTheModelDoes(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let policy = try TokenPolicy(
            daily: .random(in: 100...1_500, using: &random), bankCap: .random(in: 0...4_000, using: &random),
            minimumRun: .random(in: 1...100, using: &random))
        var account = TokenAccount(policy: policy)
        var purse = Purse(policy)
        var today: Int64 = 20_000
        for step in 0..<300 {
            today += Int64.random(in: -1...2, using: &random)
            let kind = try #require(TokenAccount.RunKind.allCases.randomElement(using: &random))
            account.credit(kind, on: CivilDate(daysSinceEpoch: today))
            purse.wake(isGuaranteed: kind != .manual, day: today)
            let spendable = kind == .weekly ? purse.balance + purse.bank : purse.balance
            guard var run = try? account.reserve(for: kind) else {
                #expect(spendable < purse.minimum, "seed \(seed), step \(step)")
                continue
            }
            #expect(spendable >= purse.minimum && run.remaining == spendable, "seed \(seed), step \(step)")
            var charged = 0
            var banked = 0
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                if Bool.random(using: &random) {
                    let tokens = Int.random(in: 0...(policy.daily / 2), using: &random)
                    run.charge(tokens)
                    charged += tokens
                } else {
                    let wish = Int.random(in: -5...policy.daily, using: &random)
                    let free = max(0, purse.balance - banked - charged)
                    let moved = min(max(0, wish), free, purse.cap - purse.bank - banked)
                    #expect(run.bank(wish).moved == moved, "seed \(seed), step \(step)")
                    banked += moved
                }
            }
            // A run that dies is settled by nobody: its journal is replayed into a fresh reservation.
            if Int.random(in: 0..<5, using: &random) == 0 { continue }
            purse.balance -= banked
            purse.bank += banked
            purse.pay(charged, fromBank: kind == .weekly ? purse.bank : banked)
            let settled = run.settle()
            account = TokenAccount(
                policy: policy, balance: settled.account.balance, bank: settled.account.bank,
                lastCredited: settled.account.lastCredited)
            #expect(settled.charged == charged)
            #expect(account.balance == purse.balance && account.bank == purse.bank, "seed \(seed), step \(step)")
            #expect((0...policy.daily).contains(account.balance) && (0...policy.bankCap).contains(account.bank))
            #expect(
                purse.given == purse.spent + purse.expired + purse.balance + purse.bank, "no token appears or is lost")
        }
    }

    @Test(arguments: UInt64(1)...20)
    func theChargeIsTheRuleWhateverThePartOfTheHouse(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let read = Int.random(in: 0...5_000, using: &random)
            let written = Int.random(in: 0...5_000, using: &random)
            let input = Int.random(in: 0...5_000, using: &random)
            let output = Int.random(in: 0...5_000, using: &random)
            let house = Int.random(in: 0...12_000, using: &random)
            // Tokens in the order in which a context has them: what is read, what is written, the rest; the house's
            // stand at its beginning.
            var charged = output
            let ownRead = max(0, read - house)
            charged += ownRead / 10 + (ownRead % 10 > 0 ? 1 : 0)
            charged += max(0, read + written + input - max(read, house))
            #expect(
                TokenCharge.tokens(
                    input: input, cacheRead: read, cacheWrite: written, output: output, house: house) == charged)
        }
    }
}
