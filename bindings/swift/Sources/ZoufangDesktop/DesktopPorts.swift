import Foundation
import ZoufangClient

extension Ports {
    /// Ports in software with their keys in a folder. For tests and development.
    public static func desktop(inFolder folder: URL, network: NetworkState = .unmetered) throws -> Ports {
        Ports(vault: FileKeyVault(folder), signer: try SoftwareSigner(inFolder: folder), connectivity: FixedNetwork(network))
    }
}
