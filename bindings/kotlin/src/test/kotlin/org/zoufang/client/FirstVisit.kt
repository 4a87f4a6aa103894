package org.zoufang.client

import java.nio.file.Path
import org.zoufang.core.OpenOptions
import org.zoufang.core.Page
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.VisitView
import org.zoufang.desktop.FileKeyVault
import org.zoufang.desktop.FixedNetwork
import org.zoufang.desktop.SoftwareSigner

// What stands between the two lines below stands in docs/embedding.md too: EmbeddingPageTest compares them and runs this one.
// [first visit]
suspend fun firstVisit(folder: Path, picture: String): VisitView {
    val ports = Ports(
        vault = FileKeyVault(folder),                  // on Android: a key that the Keystore wraps
        signer = SoftwareSigner.inFolder(folder),      // on Android: a P-256 key inside the Keystore
        connectivity = FixedNetwork(),                 // on Android: what ConnectivityManager says
    )
    val client = ZoufangClient.open(OpenOptions(folder.resolve("zoufang.db").toString()), ports)

    client.enrol(client.readQr(picture))               // once a phone: the supervisor's one-time code
    client.sync()                                      // the homes come down

    // From here on no network is needed.
    val home = client.call { households.list(Page(takeCount = 50u)) }.first()
    val visit = client.call {
        visits.save(VisitDraft(home.household, VisitMode.DOOR, VisitOutcome.DONE, note = "家中两位老人，暖气正常"))
    }
    client.close()
    return visit                                       // saved, encrypted, and sent with the next sync
}
// [end]
