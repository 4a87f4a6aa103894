//! From what is wrong with a definition to the cell in which it stands.

use super::super::columns::Layout;
use super::super::messages::{Message, MessageId};
use super::super::report::RowError;
use super::survey::{self, Question};
use super::{CHOICE_NAME, CHOICE_ZH, CHOICES, Errors, FORM_ID, FORM_TITLE, Lists, SETTINGS, SURVEY};
use crate::forms::Wanted;
use zoufang_domain::form::check::{ID_MAX_CHARS, Part, Problem, Wrong, problems};
use zoufang_domain::form::expression::{ErrorKind, ExpressionError};

/// Where the parts of a form stand.
pub(super) struct Places<'p> {
    pub(super) settings: (&'p Layout, u32),
    pub(super) questions: &'p [Question],
    pub(super) survey: &'p Layout,
    pub(super) lists: &'p Lists,
    pub(super) choices: Option<&'p Layout>,
}

impl Places<'_> {
    /// Enters everything that is wrong with the form.
    pub(super) fn problems(&self, wanted: &Wanted, errors: &mut Errors) {
        for problem in problems(&wanted.clone().as_version(1)) {
            let (sheet, error) = self.error(&problem);
            errors.add(sheet, error);
        }
    }
    fn error(&self, problem: &Problem) -> (&'static str, RowError) {
        let message = message(problem);
        let question = problem.field.and_then(|at| self.questions.get(at));
        match (question, problem.choice) {
            (Some(question), Some(choice)) => {
                let list = question.list.as_ref().and_then(|list| self.lists.get(list));
                let row = list.and_then(|choices| choices.get(choice)).map_or(0, |(row, _)| *row);
                let field = if problem.part == Part::Id { CHOICE_NAME } else { CHOICE_ZH };
                (CHOICES, self.choices.unwrap_or(self.survey).error(row, field, message))
            }
            (Some(question), None) => (SURVEY, self.survey.error(question.row, column(problem.part), message)),
            (None, _) => {
                let (layout, row) = self.settings;
                match problem.part {
                    Part::Id => (SETTINGS, layout.error(row, FORM_ID, message)),
                    Part::Name => (SETTINGS, layout.error(row, FORM_TITLE, message)),
                    _ => (SURVEY, RowError { row: self.survey.header_row, column: None, message }),
                }
            }
        }
    }
}

fn column(part: Part) -> usize {
    match part {
        Part::Id => survey::NAME,
        Part::Label => survey::LABEL,
        Part::Hint => survey::HINT,
        Part::Required => survey::REQUIRED,
        Part::ShownWhen => survey::RELEVANT,
        Part::Limits => survey::CONSTRAINT,
        Part::LimitsMessage => survey::CONSTRAINT_MESSAGE,
        Part::Purpose => survey::PURPOSE,
        Part::Retention => survey::RETENTION,
        Part::Choices | Part::Whole | Part::Version | Part::Name | Part::Fields | Part::To => survey::TYPE,
    }
}

fn message(problem: &Problem) -> Message {
    let with_max = |id, max: usize| Message::new(id).with("max", max);
    match &problem.what {
        Wrong::Missing if problem.part == Part::Purpose => MessageId::FormPurpose.into(),
        Wrong::Missing if problem.part == Part::Fields => MessageId::FormEmpty.into(),
        Wrong::Missing if problem.part == Part::Choices => MessageId::FormChoices.into(),
        Wrong::Missing => MessageId::ValueMissing.into(),
        Wrong::TooMuch(max) if matches!(problem.part, Part::Fields | Part::Choices) => {
            with_max(if *max > 1_000 { MessageId::FormTooLarge } else { MessageId::FormTooMany }, *max)
        }
        Wrong::TooMuch(max) if problem.part == Part::Retention => with_max(MessageId::FormRetention, *max),
        Wrong::TooMuch(max) => with_max(MessageId::TextTooLong, *max),
        Wrong::NoId => with_max(MessageId::FormId, ID_MAX_CHARS),
        Wrong::Twice => MessageId::FormTwice.into(),
        Wrong::NotForType => MessageId::FormNotForType.into(),
        Wrong::Expression(error) => expression(error),
        Wrong::UnknownField(name) => Message::new(MessageId::FormUnknownField).with("name", name),
        Wrong::UnknownChoice(name) => Message::new(MessageId::FormUnknownChoice).with("name", name),
        Wrong::OwnAnswer => MessageId::FormOwnAnswer.into(),
        Wrong::Circular => MessageId::FormCircular.into(),
    }
}

fn expression(error: &ExpressionError) -> Message {
    let id = match error.what {
        ErrorKind::TooLong | ErrorKind::TooDeep => MessageId::FormExpressionLong,
        ErrorKind::Unknown => MessageId::FormExpressionUnknown,
        ErrorKind::TextNotClosed => MessageId::FormExpressionQuote,
        ErrorKind::NumberShape => MessageId::FormExpressionNumber,
        ErrorKind::ValueExpected => MessageId::FormExpressionValue,
        ErrorKind::OperatorExpected => MessageId::FormExpressionOperator,
        ErrorKind::ParenthesisNotClosed => MessageId::FormExpressionParenthesis,
    };
    Message::new(id).with("at", error.at)
}
