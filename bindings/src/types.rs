//! Values that are native types in Kotlin and Swift: ids are UUIDs there and moments instants. `bindings/uniffi.toml` names those types;
//! a test holds the two together.

use crate::error::CoreError;
use uuid::Uuid;
use zoufang_core::views::DraftId;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{
    AppointmentId, DwellingId, HouseholdId, MatterId, NoticeId, OpId, ResidencyId, ResidentId, RightsRequestId,
    StaffId, UnitId, VisitId,
};

/// A day in China.
pub type Day = chrono::NaiveDate;

uniffi::custom_type!(
    /// Any id.
    Uuid, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(uuid(&text)?) }
);
uniffi::custom_type!(
    /// A draft; what is saved from it takes over this id.
    DraftId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(DraftId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// An appointment.
    RightsRequestId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(RightsRequestId(uuid(&text)?)) }
);
uniffi::custom_type!(
    AppointmentId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(AppointmentId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A dwelling.
    DwellingId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(DwellingId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A household.
    HouseholdId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(HouseholdId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A matter.
    MatterId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(MatterId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A notice.
    NoticeId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(NoticeId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// One thing that somebody did.
    OpId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(OpId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A period of residence.
    ResidencyId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(ResidencyId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A resident.
    ResidentId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(ResidentId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A member of staff.
    StaffId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(StaffId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A unit, from the city down to a micro-grid.
    UnitId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(UnitId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A visit.
    VisitId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(VisitId(uuid(&text)?)) }
);
uniffi::custom_type!(
    /// A point in time, to the second. Unix milliseconds where it crosses.
    Moment, i64, { remote, lower: |at| at.to_ms(), try_lift: |ms| Ok(Moment::from_ms(ms)) }
);
uniffi::custom_type!(
    /// A day in China as ISO text, `2026-11-05`.
    Day, String, { remote, lower: |day| day.to_string(), try_lift: |text| Ok(day(&text)?) }
);

/// What does not read becomes the call's error, as any other wrong input.
fn uuid(text: &str) -> Result<Uuid, CoreError> {
    Uuid::parse_str(text).map_err(|_| CoreError::mend("id"))
}

fn day(text: &str) -> Result<Day, CoreError> {
    text.parse().map_err(|_| CoreError::mend("day"))
}
