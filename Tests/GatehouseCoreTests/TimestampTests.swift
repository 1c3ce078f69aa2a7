import GatehouseCore
import Testing

@Suite struct `Time` {
    @Test(
        arguments: [
            (0, 0), (1, 0), (999, 0), (1_000, 1), (-1, -1), (-1_000, -1), (-1_001, -2),
            (Int64.max, Int64.max / 1_000), (Int64.min, Int64.min / 1_000 - 1),
        ] as [(Int64, Int64)])
    func `is rounded down to seconds`(milliseconds: Int64, seconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).seconds == seconds)
    }

    @Test func `GH-451: does not overflow`() {
        let end = Timestamp(milliseconds: .max)
        let beginning = Timestamp(milliseconds: .min)
        #expect(Timestamp(seconds: .max) == end)
        #expect(Timestamp(seconds: .min) == beginning)
        #expect(Timestamp(seconds: Int64.max / 1_000 + 1) == end)
        #expect(end + .seconds(1) == end)
        #expect(end + .seconds(.max) == end)
        #expect(beginning - .seconds(1) == beginning)
        #expect(beginning + .seconds(.max) == Timestamp(milliseconds: -1))
        #expect(Timestamp(milliseconds: -2) - .seconds(.max) == beginning)
        #expect(Timestamp(seconds: 1) + .seconds(1) == Timestamp(milliseconds: 2_000))
    }

    @Test func `GH-451: lasts, and neither overflows nor runs backwards`() {
        #expect(Lifetime.seconds(.max).milliseconds == .max)
        #expect(Lifetime.seconds(-1).milliseconds == 0)
        #expect(Lifetime.seconds(.min).milliseconds == 0)
        #expect(Lifetime.minutes(-1).milliseconds == 0)
        #expect(Lifetime.days(1) == .hours(24) && Lifetime.hours(1) == .minutes(60))
        #expect(Lifetime.seconds(1) < .minutes(1))
        #expect(Lifetime.minutes(15).seconds == 900)
    }

    @Test func `GH-451: that is counted in minutes or days does not end the process`() async {
        await #expect(processExitsWith: .success) { _ = Lifetime.minutes(.max) }
        await #expect(processExitsWith: .success) { _ = Lifetime.days(.max) }
    }
}
