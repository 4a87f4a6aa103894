package org.zoufang.client

import org.zoufang.core.AppointmentsInterface
import org.zoufang.core.CareInterface
import org.zoufang.core.ConflictsInterface
import org.zoufang.core.DraftsInterface
import org.zoufang.core.FormsInterface
import org.zoufang.core.HouseholdsInterface
import org.zoufang.core.MattersInterface
import org.zoufang.core.NoticesInterface
import org.zoufang.core.QuarantineInterface
import org.zoufang.core.ResidentsInterface
import org.zoufang.core.RightsInterface
import org.zoufang.core.SearchInterface
import org.zoufang.core.SyncStatus
import org.zoufang.core.Syncing
import org.zoufang.core.TasksInterface
import org.zoufang.core.VisitsInterface
import org.zoufang.core.ZoufangCore

/**
 * The calls of the core that may wait for the disk, inside [ZoufangClient.call]. Each group is fetched once: it is an object of the
 * library, and fetching it for every call would leave its collection to the garbage collector.
 */
class Groups internal constructor(core: ZoufangCore, private val syncing: Syncing) {
    /** Homes: households in their dwellings. */
    val households: HouseholdsInterface = core.households()
    /** Residents and their periods of residence. */
    val residents: ResidentsInterface = core.residents()
    /** Visits. */
    val visits: VisitsInterface = core.visits()
    /** What is due. */
    val tasks: TasksInterface = core.tasks()
    /** Appointments, both ways. */
    val appointments: AppointmentsInterface = core.appointments()
    /** Matters that residents ask or report. */
    val matters: MattersInterface = core.matters()
    /** Notices of the units above. */
    val notices: NoticesInterface = core.notices()
    /** Care needs, as far as the holder's role sees them. */
    val care: CareInterface = core.care()
    /** What residents ask of their own data. */
    val rights: RightsInterface = core.rights()
    /** What a visit asks beside its own fields. */
    val forms: FormsInterface = core.forms()
    /** What is being written. */
    val drafts: DraftsInterface = core.drafts()
    /** Values that stand against each other. */
    val conflicts: ConflictsInterface = core.conflicts()
    /** Work that waits for a supervisor. */
    val quarantine: QuarantineInterface = core.quarantine()
    /** Search. */
    val search: SearchInterface = core.search()
    /** How this phone stands towards its server: what is always on screen. */
    fun syncStatus(): SyncStatus = syncing.status()
}
