import Testing

/// The files and folders that may read a clock or draw random numbers, each with the reason.
///
/// Everything else gets the time, or a source of randomness, from its caller.
private let exempted = [
    "Sources/GatehouseCore/Values/Random.swift": "The one source of random bytes.",
    "Sources/GatehouseClient/Surroundings/": "The clock and the source that apps may pass in.",
    "Sources/gatehouse/SystemClock.swift": "The one reader of the wall clock.",
    "Sources/GatehouseCore/Credentials/PasswordHasher.swift":
        "How long a hash waited for its turn.",
    "Sources/GatehousePostgres/": "Deadlines and backoff of connections; nothing is stored.",
    "Sources/GatehouseWeb/Server/EdgeResponder.swift": "Measures how long a request takes.",
    "Sources/GatehouseWeb/Connections/": "Deadlines of connections, lag, and the Date header.",
]

/// The places that read a clock or draw random numbers.
private func problems(in file: SwiftFile) -> [Problem] {
    let clock = file.code(
        matching:
            #/
            \bDate\(\)|\btimeIntervalSinceNow\b|\btime\(nil\)|\bclock_gettime\b|\bgettimeofday\b
            |\b[A-Z]\w*(?:\(\))?\.now\b|(?:^|[^\w)\]?!\s.])\s*\.now\b
            |\b(?:ContinuousClock|SuspendingClock)\(\)
            /#,
        having: ["Date", "timeInterval", "time(nil)", "gettime", ".now", "Clock"],
        advice: """
            This reads a clock. Take `now` as a parameter; the surface reads it once. If `.now` \
            is a name of ours, choose another: it looks like a clock.
            """)
    let randomness = file.code(
        matching:
            #/
            \bUUID\(\)|\.random\(|\.randomElement\(|\.shuffled?\(|\bSystemRandomNumberGenerator\b
            |\brandombytes\w*|\bgetrandom\b|\barc4random\w*|\bSymmetricKey\(size:
            /#,
        having: ["UUID", "andom", "shuffle", "SymmetricKey"],
        advice: "This draws random numbers. Take the source of randomness as a parameter.")
    let keywords = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE"]
    let statement = /^(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE)\s/
    let function =
        #/
        \bcurrent_(?:timestamp|time|date)\b
        |\b(?:now|clock_timestamp|unixepoch|strftime|datetime|julianday)\(
        |\b(?:random|randomblob|gen_random_uuid)\(
        /#.asciiWords
    let engine = file.literals.filter { literal in
        keywords.contains(where: literal.text.contains)
            && literal.text.trimmed.firstMatch(of: statement) != nil
            && literal.text.lowercased().firstMatch(of: function) != nil
    }
    return clock + randomness
        + engine.map {
            Problem(
                path: file.path, line: $0.line,
                advice: """
                    The statement asks the database for the time or for random numbers. Pass \
                    them as arguments.
                    """)
        }
}

@Suite struct `Clocks and randomness` {
    @Test func `come from the caller`() {
        let files = Checkout.sources.filter { !exempted.keys.contains(where: $0.path.hasPrefix) }
        expectNone(files.flatMap(problems(in:)))
    }

    @Test(arguments: exempted.keys.sorted())
    func `are used where the list says`(_ path: String) {
        let files = Checkout.sources.filter { $0.path.hasPrefix(path) }
        #expect(
            !files.flatMap(problems(in:)).isEmpty,
            "\(path) is not there or needs no exemption. Remove it from ClockTests.swift.")
    }

    @Test(arguments: [
        "let a = Date()", "let a = Date.now", "f(at: .now)", "let a: Date = .now",
        "let a = ContinuousClock().now", "let a = Timestamp.now", "let a = time(nil)",
        "let a = UUID()", "let a = Int.random(in: 0..<9)", "a.shuffled()",
        "var a = SystemRandomNumberGenerator()", "randombytes_buf(a, 1)",
        "let a = \"\\(Date())\"", "let a: SQL = \"SELECT now()\"",
        "let a: SQL = \"UPDATE a SET b = CURRENT_TIMESTAMP\"",
    ])
    func `that are hidden are found`(_ line: String) {
        #expect(problems(in: SwiftFile("a.swift", "\n" + line)).map(\.line) == [2])
    }

    @Test(arguments: [
        "let now = clock.now", "request.now", "// Date()", "let a = \"Date.now\"",
        "let a: SQL = \"SELECT random_bytes, now FROM a\"",
    ])
    func `that are passed are left alone`(_ line: String) {
        #expect(problems(in: SwiftFile("a.swift", line)).isEmpty)
    }
}
