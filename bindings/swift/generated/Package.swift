// swift-tools-version: 6.0
// The package of what UniFFI generates. bindings/swift/assemble.sh copies this file and the generated code to target/swift/generated, where
// the package is built: SwiftPM takes no sources from outside a package's folder, and generated code does not lie among sources.

import PackageDescription

#if os(Linux)
// Here the Rust library is loaded from where cargo puts it, or from RUST_LIB_DIR.
let folder = Context.environment["RUST_LIB_DIR"] ?? Context.packageDirectory + "/../../debug"
let library: Target = .systemLibrary(name: "ZoufangBindingsFFI")
let linking: [LinkerSetting] = [
    .unsafeFlags(["-L", folder, "-Xlinker", "-rpath", "-Xlinker", folder]),
    .linkedLibrary("zoufang_bindings"),
]
#else
// On Apple's systems it is a framework for all of them: `make xcframework`.
let library: Target = .binaryTarget(name: "ZoufangBindingsFFI", path: "../../apple/ZoufangBindingsFFI.xcframework")
let linking: [LinkerSetting] = []
#endif

let package = Package(
    name: "ZoufangBindings",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "ZoufangBindings", targets: ["ZoufangBindings"])],
    targets: [
        library,
        .target(name: "ZoufangBindings", dependencies: ["ZoufangBindingsFFI"], linkerSettings: linking),
    ],
    // What UniFFI 0.32.2 writes is not made for Swift 6 mode (mozilla/uniffi-rs#2929). It goes well with callers in Swift 6 mode.
    swiftLanguageModes: [.v5]
)
