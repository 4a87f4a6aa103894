//! The form of a draft.

use zoufang_domain::form::FormDefinition;
use zoufang_domain::form::answers::{AnswerProblem, FilledForm};

/// A form that is being filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftFormView {
    /// Form, version and the answers so far.
    pub filled: FilledForm,
    /// What that version asks; `None` when it is not on this phone (a restored server may not have it): its answers are then kept as they
    /// are.
    pub definition: Option<FormDefinition>,
    /// Ids of the fields that are shown, in order.
    pub shown: Vec<String>,
    /// What stands in the way of saving, in order.
    pub problems: Vec<AnswerProblem>,
}
