// swift-tools-version: 6.0
import PackageDescription

// P-256 in software, for tests and development: CryptoKit on Apple's systems, OpenSSL's libcrypto elsewhere.
#if os(Linux)
let cryptography: [Target] = [.systemLibrary(name: "CLibCrypto")]
#else
let cryptography: [Target] = []
#endif

let package = Package(
    name: "Zoufang",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "ZoufangClient", targets: ["ZoufangClient"]),
        .library(name: "ZoufangDesktop", targets: ["ZoufangDesktop"]),
        .library(name: "ZoufangStage", targets: ["ZoufangStage"]),
    ],
    // Made by assemble.sh (`make bindings`).
    dependencies: [.package(name: "ZoufangBindings", path: "../../target/swift/generated")],
    targets: cryptography + [
        // What an app talks to.
        .target(name: "ZoufangClient", dependencies: [.product(name: "ZoufangBindings", package: "ZoufangBindings")]),
        // Ports in software, for tests and development.
        .target(name: "ZoufangDesktop", dependencies: ["ZoufangClient"] + cryptography.map { .target(name: $0.name) }),
        // The real server, for tests and measurements.
        .target(name: "ZoufangStage"),
        // The lines of docs/embedding.md.
        .executableTarget(name: "FirstVisit", dependencies: ["ZoufangClient", "ZoufangDesktop"]),
        // A phone in a process of its own, to be killed and to be measured by the tests.
        .executableTarget(name: "TestPhone", dependencies: ["ZoufangClient", "ZoufangDesktop"]),
        // What calls cost.
        .executableTarget(name: "Bench", dependencies: ["ZoufangClient", "ZoufangDesktop", "ZoufangStage"]),
        .testTarget(
            name: "ZoufangClientTests",
            dependencies: ["ZoufangClient", "ZoufangDesktop", "ZoufangStage", "FirstVisit", "TestPhone"]
        ),
    ],
    swiftLanguageModes: [.v6]
)
