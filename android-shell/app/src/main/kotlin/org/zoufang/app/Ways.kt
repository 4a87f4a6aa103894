package org.zoufang.app

import java.util.UUID
import org.zoufang.bridge.Problem
import org.zoufang.core.DraftFields
import org.zoufang.core.DraftView
import org.zoufang.core.VisitView

/** Where a model can lead. */
interface Ways {
    /** To a home. */
    fun toHome(household: UUID)
    /** To what stands against each other or waits for a supervisor. */
    fun toHeld()
    /** To the notices of the units above. */
    fun toNotices()
    /** To one of them. */
    fun toNotice(notice: UUID)
    /** To the appointments that are not over. */
    fun toAppointments()
    /** To one of them. */
    fun toAppointment(appointment: UUID)
    /** To whose work the phone holds, and practice. */
    fun toProfiles()
    /** To a visit that is being written. */
    fun toVisit(draft: UUID)
    /** To a matter that is being written. */
    fun toMatter(draft: UUID)
    /** Back to the page before. */
    fun back()
    /** Back from a visit that was saved. */
    fun visitSaved(visit: VisitView)
    /** Back from a matter that was saved. */
    fun matterSaved()
    /** To what can be done when the database is damaged. */
    fun damaged(problem: Problem)
    /** On from enrolment. */
    fun enrolled()
}

/** To what a draft is. */
fun Ways.toDraft(draft: DraftView) = when (draft.fields) {
    is DraftFields.OfVisit -> toVisit(draft.id)
    is DraftFields.OfMatter -> toMatter(draft.id)
}
