//! A form out of a workbook in a part of XLSForm: the sheets `survey`, `choices` and `settings`. `docs/forms.md` says which part. Whole or
//! not at all: what is not supported is an error at its cell, never left out in silence.

mod place;
mod survey;

use super::columns::{Field, Layout, sensitive};
use super::limits::ERRORS_KEPT_MAX_COUNT;
use super::messages::{Language, Message, MessageId};
use super::report::{ImportError, RowError};
use super::table::{self, Row, TableOptions, TableSummary};
use crate::forms::Wanted;
use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;
use zoufang_domain::form::check::{CHOICES_MAX_COUNT, FORM_FIELDS_MAX_COUNT};
use zoufang_domain::form::{Choice, FormField, Wording};

/// The sheets, in the order in which errors are told.
pub const SHEETS: [&str; 3] = ["settings", "survey", "choices"];
const SETTINGS: &str = SHEETS[0];
const SURVEY: &str = SHEETS[1];
const CHOICES: &str = SHEETS[2];
/// What a workbook begins with. A table as text has one sheet only.
const PACKAGE: &[u8] = b"PK\x03\x04";
/// Rows of a sheet that are kept; a form that needs more is refused for its size.
const ROWS_KEPT_MAX_COUNT: usize = FORM_FIELDS_MAX_COUNT * CHOICES_MAX_COUNT;

/// What a workbook holds. There is no form when there is an error.
#[derive(Debug, Default)]
pub struct FormFile {
    /// The form.
    pub form: Option<Wanted>,
    /// What is wrong: sheet by sheet, row by row; at most [`ERRORS_KEPT_MAX_COUNT`].
    pub errors: Vec<CellError>,
    /// How many there are.
    pub errors_count: usize,
}

/// What is wrong with one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// The sheet.
    pub sheet: &'static str,
    /// Row, column, and what to do.
    pub error: RowError,
}

impl CellError {
    /// The text with its place, such as `工作表 survey 第 7 行 E 列（relevant）：…`.
    pub fn render(&self, language: Language) -> String {
        let text = self.error.render(language);
        match language {
            Language::Chinese => format!("工作表 {} {text}", self.sheet),
            Language::English => format!("sheet {}, {text}", self.sheet),
        }
    }
}

/// Reads the form in a file.
///
/// # Errors
/// As [`table::read`], and `import.form_workbook` for a file that is no workbook; errors in cells are in the answer.
pub fn read_file(path: &Path) -> Result<FormFile, ImportError> {
    read(table::open(path)?)
}

/// Reads a form.
///
/// # Errors
/// As [`read_file`].
pub fn read(mut reader: impl Read + Seek) -> Result<FormFile, ImportError> {
    let mut start = [0; PACKAGE.len()];
    let length = reader.read(&mut start)?;
    if !start[..length].starts_with(PACKAGE) {
        return Err(MessageId::FormWorkbook.into());
    }
    let mut errors = Errors::default();
    let settings = settings(&mut reader, &mut errors)?;
    let (mut questions, layout) = survey::read(&mut reader, &mut errors)?;
    let lists = match questions.iter().any(|question| question.list.is_some()) {
        true => Some(choices(&mut reader, &mut errors)?),
        false => None,
    };
    let empty = BTreeMap::new();
    let (known, choices_layout) = match &lists {
        Some((known, layout)) => (known, Some(layout)),
        None => (&empty, None),
    };
    for question in &mut questions {
        let Some(list) = &question.list else { continue };
        match known.get(list) {
            Some(choices) => question.field.choices = choices.iter().map(|(_, choice)| choice.clone()).collect(),
            None => {
                let message = Message::new(MessageId::FormList).with("list", list);
                errors.add(SURVEY, layout.error(question.row, survey::TYPE, message));
            }
        }
    }
    let wanted = Wanted {
        form: settings.form,
        name: settings.name,
        fields: questions.iter().map(|question| question.field.clone()).collect(),
    };
    let places = place::Places {
        settings: (&settings.layout, settings.row),
        questions: &questions,
        survey: &layout,
        lists: known,
        choices: choices_layout,
    };
    places.problems(&wanted, &mut errors);
    Ok(errors.finish(wanted))
}

/// Errors as they are found, at most one a cell.
#[derive(Default)]
struct Errors {
    found: BTreeMap<(usize, u32, String), CellError>,
}

impl Errors {
    /// The first error of a cell stands: the others often follow from it.
    fn add(&mut self, sheet: &'static str, error: RowError) {
        let at = SHEETS.iter().position(|name| *name == sheet).unwrap_or_default();
        // Letters sort as columns do when the shorter come first.
        let column = error.column.as_ref().map(|column| format!("{:>3}", column.letter)).unwrap_or_default();
        self.found.entry((at, error.row, column)).or_insert(CellError { sheet, error });
    }
    fn finish(self, wanted: Wanted) -> FormFile {
        let errors_count = self.found.len();
        FormFile {
            form: (errors_count == 0).then_some(wanted),
            errors: self.found.into_values().take(ERRORS_KEPT_MAX_COUNT).collect(),
            errors_count,
        }
    }
    /// Columns that mean nothing here: what stands in them would be lost.
    fn add_ignored(&mut self, sheet: &'static str, layout: &Layout) {
        for ignored in &layout.ignored {
            let column = Some(ignored.column.clone());
            let message = MessageId::FormColumn.into();
            self.add(sheet, RowError { row: layout.header_row, column, message });
        }
    }
}

/// The cells of a row, read one by one.
struct Cells<'c> {
    sheet: &'static str,
    layout: &'c Layout,
    row: &'c Row,
    errors: &'c mut Errors,
}

impl Cells<'_> {
    fn refuse(&mut self, field: usize, message: impl Into<Message>) {
        self.errors.add(self.sheet, self.layout.error(self.row.number, field, message));
    }
    /// The text of a cell; `None` when it is empty or was refused.
    fn text(&mut self, field: usize) -> Option<String> {
        let cell = &self.row.cells[field];
        match &cell.problem {
            Some(problem) => {
                self.refuse(field, problem.clone());
                None
            }
            None => Some(cell.text.clone()).filter(|text| !text.is_empty()),
        }
    }
    /// A text for people, which may not ask for what is never stored.
    fn wording(&mut self, zh: usize, en: usize) -> Option<Wording> {
        for field in [zh, en] {
            if asks_for_what_is_never_stored(&self.row.cells[field].text) {
                self.refuse(field, MessageId::FormSensitive);
            }
        }
        let (zh, en) = (self.text(zh), self.text(en));
        if zh.is_none() && en.is_none() { None } else { Some(Wording { zh: zh.unwrap_or_default(), en }) }
    }
    /// Cells of XLSForm that are not supported must be empty.
    fn nothing_in(&mut self, fields: std::ops::Range<usize>) {
        for field in fields {
            let cell = &self.row.cells[field];
            if cell.problem.is_some() || !cell.text.is_empty() {
                self.refuse(field, MessageId::FormUnsupported);
            }
        }
    }
}

/// Whether a text asks for what has no field anywhere (`docs/data-dictionary.md`): a form is no way around that.
fn asks_for_what_is_never_stored(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["收入", "工资", "income", "salary", "风险等级", "信用等级", "居民评级", "risk level", "credit rating"];
    let small = text.to_lowercase();
    sensitive(text).is_some() || WORDS.iter().any(|word| small.contains(word))
}

/// Reads one sheet and hands its rows out.
fn sheet(
    reader: &mut (impl Read + Seek),
    name: &'static str,
    fields: &[Field],
    errors: &mut Errors,
    on_row: &mut dyn FnMut(&mut Cells<'_>),
) -> Result<Layout, ImportError> {
    let options = TableOptions { sheet: Some(name.to_owned()) };
    let mut rows_count = 0;
    let summary: TableSummary = table::read(reader, &options, fields, &mut |layout, row| {
        rows_count += 1;
        if rows_count > ROWS_KEPT_MAX_COUNT {
            return;
        }
        let mut cells = Cells { sheet: name, layout, row, errors };
        match &row.problem {
            Some(problem) => {
                let error = RowError { row: row.number, column: None, message: problem.clone() };
                cells.errors.add(name, error);
            }
            None => on_row(&mut cells),
        }
    })?;
    let layout = summary.layout;
    if rows_count > ROWS_KEPT_MAX_COUNT {
        let message = Message::new(MessageId::FormTooMany).with("max", ROWS_KEPT_MAX_COUNT);
        errors.add(name, RowError { row: layout.header_row, column: None, message });
    }
    errors.add_ignored(name, &layout);
    Ok(layout)
}

struct Settings {
    form: String,
    name: String,
    row: u32,
    layout: Layout,
}

const FORM_ID: usize = 0;
const FORM_TITLE: usize = 1;
const SETTINGS_FIELDS: [Field; 5] = [
    Field { headers: &["formid"], required: true },
    Field { headers: &["formtitle"], required: true },
    // Not supported: versions are counted by the server.
    Field { headers: &["version"], required: false },
    Field { headers: &["defaultlanguage"], required: false },
    Field { headers: &["style"], required: false },
];

fn settings(reader: &mut (impl Read + Seek), errors: &mut Errors) -> Result<Settings, ImportError> {
    let mut found: Vec<(u32, String, String)> = Vec::new();
    let layout = sheet(reader, SETTINGS, &SETTINGS_FIELDS, errors, &mut |cells| {
        cells.nothing_in(2..SETTINGS_FIELDS.len());
        if !found.is_empty() {
            return cells.refuse(FORM_ID, MessageId::FormSettings);
        }
        let (form, name) = (cells.text(FORM_ID), cells.text(FORM_TITLE));
        found.push((cells.row.number, form.unwrap_or_default(), name.unwrap_or_default()));
    })?;
    let (row, form, name) = found.pop().unwrap_or((layout.header_row, String::new(), String::new()));
    Ok(Settings { form, name, row, layout })
}

/// Choices by the name of their list, each with its row.
type Lists = BTreeMap<String, Vec<(u32, Choice)>>;

const LIST_NAME: usize = 0;
const CHOICE_NAME: usize = 1;
const CHOICE_ZH: usize = 2;
const CHOICE_EN: usize = 3;
const CHOICES_FIELDS: [Field; 5] = [
    Field { headers: &["listname"], required: true },
    Field { headers: &["name", "value"], required: true },
    Field { headers: survey::ZH, required: true },
    Field { headers: survey::EN, required: false },
    Field { headers: &["image", "mediaimage"], required: false },
];

fn choices(reader: &mut (impl Read + Seek), errors: &mut Errors) -> Result<(Lists, Layout), ImportError> {
    let mut lists = Lists::new();
    let layout = sheet(reader, CHOICES, &CHOICES_FIELDS, errors, &mut |cells| {
        cells.nothing_in(CHOICE_EN + 1..CHOICES_FIELDS.len());
        let Some(list) = cells.text(LIST_NAME) else {
            return cells.refuse(LIST_NAME, MessageId::ValueMissing);
        };
        let id = cells.text(CHOICE_NAME).unwrap_or_default();
        let label = cells.wording(CHOICE_ZH, CHOICE_EN).unwrap_or(Wording { zh: String::new(), en: None });
        lists.entry(list).or_default().push((cells.row.number, Choice { id, label }));
    })?;
    Ok((lists, layout))
}

/// A field with nothing but its id and kind.
fn bare(id: String, kind: zoufang_domain::form::FieldType) -> FormField {
    FormField {
        id,
        kind,
        label: Wording { zh: String::new(), en: None },
        hint: None,
        choices: Vec::new(),
        required: false,
        whole: false,
        shown_when: None,
        limits: None,
        limits_message: None,
        purpose: String::new(),
        retention_days: None,
    }
}
