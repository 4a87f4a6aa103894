package org.zoufang.app.visit

import java.util.UUID
import org.zoufang.client.Groups
import org.zoufang.core.DraftFields
import org.zoufang.core.VisitField

/** Goes on with the visit of a home that is being written, or begins one; [appointment] is what it is made for, if anything is. */
internal fun Groups.beginVisit(household: UUID, appointment: UUID? = null): UUID {
    val known = drafts.list().firstOrNull { it.household == household && it.fields is DraftFields.OfVisit }?.id
    return (known ?: drafts.startVisit(household)).also { draft ->
        if (appointment != null) drafts.saveVisitField(draft, VisitField.Appointment(appointment))
    }
}
