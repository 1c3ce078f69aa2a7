// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target: newer language semantics, no unsafe code that is not
/// marked as such, and no warning left standing.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]
/// The drivers, the password hasher and the resolver talk to C; everywhere else unsafe code needs
/// `unsafe`.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

/// True for `make fuzz`, which builds the fuzzer and counts what it reaches in these targets.
let isFuzzing = Context.environment["GATEHOUSE_FUZZ"] == "1"
let fuzzed: [SwiftSetting] =
    safe + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])
let fuzzer: [Target] = [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
    .executableTarget(
        name: "GatehouseFuzzer", dependencies: ["GatehouseFuzzing", "CLibFuzzer"],
        path: "Tests/Fuzzing/Executable", swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
]

/// The program as it is shipped: no table of every symbol in it, and the list of what the loader
/// must relocate packed; that is a tenth of its memory.
let compact = [
    "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe",
    "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
]

let crypto: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "gatehouse",
    products: [
        .executable(name: "gatehouse", targets: ["gatehouse"]),
        .library(name: "GatehouseClient", type: .static, targets: ["GatehouseClient"]),
        .library(
            name: "GatehouseHummingbird", type: .static, targets: ["GatehouseHummingbird"]),
        .library(name: "GatehouseTesting", type: .static, targets: ["GatehouseTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: C libraries
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CZxcvbn", providers: [.apt(["libzxcvbn-dev"])]),

        // MARK: What server and SDK share
        .target(name: "GatehouseScopes", swiftSettings: safe),

        // MARK: The wire
        .target(name: "GatehouseEncoding", swiftSettings: fuzzed),
        .target(
            name: "GatehouseJOSE", dependencies: ["GatehouseEncoding", "COpenSSL"] + crypto,
            swiftSettings: fuzzed),
        .target(
            name: "GatehouseProtocol", dependencies: ["GatehouseEncoding"],
            swiftSettings: fuzzed),

        .target(
            name: "GatehouseX509", dependencies: ["COpenSSL"], swiftSettings: safe),

        // MARK: The SDK
        .target(
            name: "GatehouseClient",
            dependencies: [
                "GatehouseScopes", "GatehouseProtocol", "GatehouseJOSE", "GatehouseEncoding",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: safe),
        .target(
            name: "GatehouseHummingbird",
            dependencies: [
                "GatehouseClient", "GatehouseProtocol", "GatehouseEncoding", hummingbird, logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: safe),
        .target(
            name: "GatehouseTesting",
            dependencies: [
                "GatehouseClient", "GatehouseProtocol", "GatehouseJOSE", "GatehouseEncoding",
                hummingbird, logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: safe),

        .executableTarget(
            name: "ExampleWeb",
            dependencies: [
                "GatehouseClient", "GatehouseHummingbird", hummingbird,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            path: "Examples/Web", packageAccess: false),
        .executableTarget(
            name: "ExampleAPI",
            dependencies: ["GatehouseClient", "GatehouseHummingbird", hummingbird],
            path: "Examples/API", packageAccess: false),

        // What apps paste, as the tests of GatehouseAdmin compare it: compiled, and never run.
        .target(
            name: "IntegrationSnippets",
            dependencies: ["GatehouseClient", "GatehouseHummingbird", hummingbird],
            path: "Tests/Snippets", packageAccess: false,
            swiftSettings: [.treatAllWarnings(as: .error)]),

        .executableTarget(
            name: "VerifierBench",
            dependencies: [
                "GatehouseClient", "GatehouseTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Bench/Verifier"),

        // MARK: The store
        .target(name: "GatehouseSQL", swiftSettings: safe),
        .target(
            name: "GatehouseSQLite",
            dependencies: [
                "GatehouseSQL", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "GatehousePostgres", dependencies: ["GatehouseSQL", "CLibPQ", "COpenSSL"],
            swiftSettings: strict),

        // MARK: The domain
        .target(
            name: "GatehouseCore",
            dependencies: [
                "GatehouseEncoding", "GatehouseJOSE", "GatehouseProtocol", "GatehouseSQL",
                "GatehouseScopes", "GatehouseX509", "CSodium", "CZxcvbn", logging,
            ] + crypto,
            swiftSettings: safe),

        // MARK: The way out
        .target(
            name: "GatehouseOutbound",
            dependencies: [
                "GatehouseCore", "GatehouseEncoding", "GatehouseProtocol", "CAres",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),

        // MARK: The surfaces
        .target(
            name: "GatehouseWeb",
            dependencies: [
                "GatehouseCore", "GatehouseEncoding", "GatehouseProtocol", "GatehouseSQL",
                hummingbird, logging,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + crypto,
            resources: [.embedInCode("Assets/gatehouse.css"), .embedInCode("Assets/portal.css")],
            swiftSettings: safe),
        .target(
            name: "GatehouseEndpoints",
            dependencies: [
                "GatehouseWeb", "GatehouseCore", "GatehouseProtocol", "GatehouseJOSE",
                "GatehouseEncoding", hummingbird, logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: safe),
        .target(
            name: "GatehousePages",
            dependencies: [
                "GatehouseWeb", "GatehouseCore", "GatehouseProtocol", "GatehouseEncoding",
                hummingbird, logging, .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: safe),
        .target(
            name: "GatehouseAdmin",
            dependencies: [
                "GatehouseWeb", "GatehousePages", "GatehouseCore", "GatehouseProtocol",
                "GatehouseEncoding", "GatehouseJOSE", "GatehouseScopes",
                .product(name: "Crypto", package: "swift-crypto"),
                hummingbird, logging, .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: safe),
        .target(
            name: "GatehouseDemo",
            dependencies: [
                "GatehouseClient", "GatehouseWeb", "GatehouseProtocol", "GatehouseJOSE",
                "GatehouseEncoding",
                hummingbird, logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: safe),
        .executableTarget(
            name: "gatehouse",
            dependencies: [
                "GatehouseAdmin", "GatehouseCore", "GatehouseDemo", "GatehouseEncoding",
                "GatehouseEndpoints", "GatehouseJOSE", "GatehouseOutbound", "GatehousePages",
                "GatehousePostgres", "GatehouseProtocol", "GatehouseSQL", "GatehouseSQLite",
                "GatehouseWeb", "GatehouseX509",
                "Yams", hummingbird, logging,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: safe,
            linkerSettings: [.unsafeFlags(compact, .when(configuration: .release))]),

        // MARK: Tests
        .target(
            name: "GatehouseFuzzing",
            dependencies: ["GatehouseEncoding", "GatehouseJOSE", "GatehouseProtocol"],
            path: "Tests/Fuzzing/Properties",
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseJOSETests",
            dependencies: ["GatehouseJOSE", "GatehouseEncoding"] + crypto,
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseProtocolTests",
            dependencies: ["GatehouseProtocol", "GatehouseEncoding", "GatehouseFuzzing"],
            swiftSettings: strict),
        .testTarget(
            name: "DatabaseConformanceTests",
            dependencies: ["GatehouseSQL", "GatehouseSQLite", "GatehousePostgres"],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseCoreTests",
            dependencies: [
                "GatehouseCore", "GatehouseJOSE", "GatehouseProtocol", "GatehouseSQL",
                "GatehouseSQLite", "GatehousePostgres", "GatehouseEncoding", "GatehouseX509",
                "GatehouseScopes",
            ],
            exclude: ["Schema"],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseOutboundTests",
            dependencies: [
                "GatehouseOutbound", "GatehouseCore", "GatehouseProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseAdminTests",
            dependencies: [
                "GatehouseAdmin", "GatehouseWeb", "GatehouseCore", "GatehouseProtocol",
                "GatehouseEncoding",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatehousePagesTests",
            dependencies: [
                "GatehousePages", "GatehouseAdmin", "GatehouseDemo", "GatehouseWeb",
                "GatehouseProtocol",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseWebTests",
            dependencies: [
                "GatehouseProtocol", "GatehouseWeb", hummingbird, logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseScopesTests", dependencies: ["GatehouseScopes"], swiftSettings: strict),
        .testTarget(
            name: "GatehouseClientTests",
            dependencies: [
                "GatehouseClient", "GatehouseHummingbird", "GatehouseTesting", "GatehouseProtocol",
                "GatehouseJOSE", "GatehouseEncoding",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ] + (isFuzzing ? fuzzer : [])
)
