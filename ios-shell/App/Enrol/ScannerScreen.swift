// iOS only: neither parsed further nor type-checked on Linux, where there is no VisionKit.
#if canImport(VisionKit)
import SwiftUI
import VisionKit

/// The camera, looking for one QR picture. Where it is not available or not allowed, the page's text field does the same.
struct ScannerScreen: UIViewControllerRepresentable {
    let onFound: (String) -> Void

    func makeUIViewController(context: Context) -> DataScannerViewController {
        let scanner = DataScannerViewController(recognizedDataTypes: [.barcode(symbologies: [.qr])], isHighlightingEnabled: true)
        scanner.delegate = context.coordinator
        return scanner
    }
    func updateUIViewController(_ scanner: DataScannerViewController, context: Context) {
        // Refused without a camera or without leave; the picture stays dark and can be swiped away.
        try? scanner.startScanning()
    }
    static func dismantleUIViewController(_ scanner: DataScannerViewController, coordinator: Coordinator) {
        scanner.stopScanning()
    }
    func makeCoordinator() -> Coordinator { Coordinator(onFound) }

    @MainActor final class Coordinator: NSObject, DataScannerViewControllerDelegate {
        private var onFound: ((String) -> Void)?
        init(_ onFound: @escaping (String) -> Void) { self.onFound = onFound }

        func dataScanner(_ scanner: DataScannerViewController, didAdd items: [RecognizedItem], allItems: [RecognizedItem]) {
            for case .barcode(let code) in items {
                guard let text = code.payloadStringValue, let found = onFound else { continue }
                // Once: the code in the picture works once.
                onFound = nil
                found(text)
            }
        }
    }
}
#endif
