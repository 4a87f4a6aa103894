// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "ZoufangCore",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "ZoufangCore", targets: ["ZoufangCore"])],
    dependencies: [.package(name: "Zoufang", path: "../../bindings/swift")],
    targets: [
        .target(name: "ZoufangCore", dependencies: [.product(name: "ZoufangClient", package: "Zoufang")]),
        .testTarget(
            name: "ZoufangCoreTests",
            dependencies: [
                "ZoufangCore",
                .product(name: "ZoufangDesktop", package: "Zoufang"),
                .product(name: "ZoufangStage", package: "Zoufang"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
