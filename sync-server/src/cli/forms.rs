//! `form import|list|show|withdraw|answers`: what visits ask beside their own fields, and what was answered.

use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use chrono::NaiveDate;
use clap::Subcommand;
use std::io::Write;
use std::path::{Path, PathBuf};
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::{FormDefinition, FormField, is_id};
use zoufang_domain::message::Language;
use zoufang_domain::refusal::Refusal;
use zoufang_sync_server::audit::{self, Actor};
use zoufang_sync_server::forms;
use zoufang_sync_server::import::form as workbook;
use zoufang_sync_server::import::messages::Language as In;
use zoufang_sync_server::ledger::{CONSOLE, LedgerError, Settler};
use zoufang_sync_server::reports::labels::label;
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::reports::{Asked, answers, period};
use zoufang_sync_server::rights::{self, Export};
use zoufang_sync_server::units;

#[derive(Debug, Subcommand)]
pub(crate) enum Form {
    /// 导入表单（XLSForm 的一部分，见 docs/forms.md），手机下次同步后可用。Import a form; phones have it after their next sync
    #[command(after_help = "\
例 Example:
  zoufang-server form import safety.xlsx --unit 1403 --data-dir /var/lib/zoufang")]
    Import {
        /// XLSX 文件，含 settings、survey、choices 工作表。An XLSX file with the sheets settings, survey and choices
        file: PathBuf,
        /// 单位：代码、名称或编号，其下所有手机可用；默认最上级。Unit: code, name or id; without it the top of the tree
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
    },
    /// 各表单的各个版本。The forms with their versions
    #[command(after_help = "\
例 Example:
  zoufang-server form list --data-dir /var/lib/zoufang")]
    List,
    /// 一张表单的题目，默认最新版本。What a form asks; without a version the latest
    #[command(after_help = "\
例 Example:
  zoufang-server form show safety --data-dir /var/lib/zoufang")]
    Show {
        /// 表单编号。The form's id
        form: String,
        /// 版本。Which version
        #[arg(value_name = "VERSION")]
        number: Option<u32>,
    },
    /// 停用表单；已有的草稿和走访记录不变。Offer a form no longer; drafts and visits stay as they are
    #[command(after_help = "\
例 Example:
  zoufang-server form withdraw safety --to 2026-12-31 --data-dir /var/lib/zoufang")]
    Withdraw {
        /// 表单编号。The form's id
        form: String,
        /// 最后一天，默认今天。Its last day; without it today
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<NaiveDate>,
    },
    /// 以 CSV 导出答案（不含姓名和住址），记入审计。Export answers as CSV, without names and addresses; the audit keeps it
    #[command(after_help = "\
例 Example:
  zoufang-server form answers safety --unit 140303 --from 2026-11-01 --to 2026-11-30 --data-dir /var/lib/zoufang > safety.csv")]
    Answers {
        /// 表单编号。The form's id
        form: String,
        /// 单位：代码、名称或编号。Unit: code, name or id
        #[arg(long, value_name = "UNIT")]
        unit: String,
        /// 起始日，默认本月一日。First day; without it the first of the month
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<String>,
        /// 结束日（含），默认月末。Last day, included; without it the end of the month
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<String>,
    },
}

pub(super) fn run(console: &Console, verb: Form) -> Result<Exit, Failure> {
    match verb {
        Form::Import { file, unit } => import(console, &file, unit.as_deref()),
        Form::List => list(console),
        Form::Show { form, number } => show(console, &form, number),
        Form::Withdraw { form, to } => withdraw(console, &form, to),
        Form::Answers { form, unit, from, to } => export(console, &form, &unit, from.as_deref(), to.as_deref()),
    }
}

fn import(console: &Console, file: &Path, unit: Option<&str>) -> Result<Exit, Failure> {
    let read = workbook::read_file(file)?;
    let language = if console.language == Language::Zh { In::Chinese } else { In::English };
    read.errors.iter().for_each(|error| note_line(&error.render(language)));
    let Some(wanted) = read.form else {
        return Err(Failure::owned(
            Exit::Input,
            format!("表单有 {} 处错误，没有导入任何内容。请改正后重新导入", read.errors_count),
            format!(
                "the form has {} errors, and nothing of it was imported: correct them and import again",
                read.errors_count
            ),
        ));
    };
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, unit))?.id;
    let (form, count) = (wanted.form.clone(), wanted.fields.len());
    let published =
        store.write(|tx| forms::publish(tx, console.now_ms, CONSOLE, unit, wanted.clone()).map_err(refused))?;
    let version = published.version;
    print_line(&match (console.language, published.changed) {
        (Language::Zh, true) => format!("已发布表单 {form} 第 {version} 版，共 {count} 题"),
        (Language::Zh, false) => format!("表单 {form} 与第 {version} 版相同，没有改动"),
        (Language::En, true) => format!("form {form} published as version {version}, {count} questions"),
        (Language::En, false) => format!("form {form} is the same as version {version}: nothing changed"),
    })?;
    Ok(Exit::Done)
}

fn refused(error: LedgerError) -> Failure {
    match &error {
        LedgerError::Refused(Refusal::Invalid { field }) if field == "form" => Failure::new(
            Exit::Input,
            "这个表单编号属于另一个单位。请在 settings 中换一个 form_id",
            "this form id belongs to another unit: choose another form_id in the sheet settings",
        ),
        _ => error.into(),
    }
}

fn list(console: &Console) -> Result<Exit, Failure> {
    let rows = console.open()?.read(|c| {
        let mut rows = Vec::new();
        for known in forms::definitions(c)? {
            let unit = units::find(c, known.unit)?.map(|unit| unit.name).unwrap_or_default();
            let FormDefinition { form, version, name, fields, to } = known.noun;
            let to = to.map(|to| to.to_string()).unwrap_or_default();
            rows.push(vec![form, name, unit, to, version.to_string(), fields.len().to_string()]);
        }
        Ok::<_, Failure>(rows)
    })?;
    let columns = match console.language {
        Language::Zh => vec!["表单编号", "名称", "单位", "止", "版本", "题数"],
        Language::En => vec!["form", "name", "unit", "to", "version", "questions"],
    };
    print_line(&Table { columns, rows, texts_count: 4 }.to_terminal(None))?;
    Ok(Exit::Done)
}

fn no_form() -> Failure {
    Failure::new(Exit::NotFound, "没有这张表单。请用 form list 查看编号", "no such form: form list shows the ids")
}

fn show(console: &Console, form: &str, version: Option<u32>) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let versions = forms::definitions(c)?.into_iter().map(|known| known.noun).filter(|known| known.form == form);
        let wanted = versions.filter(|known| version.is_none_or(|version| known.version == version));
        Ok::<_, Failure>(wanted.max_by_key(|known| known.version))
    })?;
    let definition = found.ok_or_else(no_form)?;
    let columns = match console.language {
        Language::Zh => vec!["题目编号", "题型", "题目", "必填", "显示条件", "限制", "收集目的", "保存天数"],
        Language::En => vec!["question", "type", "label", "required", "shown when", "limits", "purpose", "days"],
    };
    let row = |field: &FormField| {
        let kind = serde_json::to_value(field.kind).ok().and_then(|name| name.as_str().map(str::to_owned));
        let required = if field.required { console.say("是", "yes") } else { "" };
        let choices: Vec<&str> = field.choices.iter().map(|choice| choice.label.text(console.language)).collect();
        let label_text = field.label.text(console.language);
        vec![
            field.id.clone(),
            label(console.language, "answer", &kind.unwrap_or_default()).to_owned(),
            if choices.is_empty() { label_text.to_owned() } else { format!("{label_text} [{}]", choices.join(" / ")) },
            required.to_owned(),
            field.shown_when.clone().unwrap_or_default(),
            field.limits.clone().unwrap_or_default(),
            field.purpose.clone(),
            field.retention_days.map(|days| days.to_string()).unwrap_or_default(),
        ]
    };
    let rows = definition.fields.iter().map(row).collect();
    print_line(&format!("{} · {} · {}", definition.name, definition.form, definition.version))?;
    print_line(&Table { columns, rows, texts_count: 7 }.to_terminal(None))?;
    Ok(Exit::Done)
}

fn withdraw(console: &Console, form: &str, to: Option<NaiveDate>) -> Result<Exit, Failure> {
    let to = to.unwrap_or_else(|| Moment::from_ms(console.now_ms).day());
    let store = console.open()?;
    if !store.write(|tx| forms::withdraw(tx, console.now_ms, CONSOLE, form, to).map_err(Failure::from))? {
        return Err(Failure::new(Exit::NotFound, "没有这张表单，或已停用", "no such form, or it was withdrawn before"));
    }
    print_line(console.say("表单已停用", "the form is withdrawn"))?;
    Ok(Exit::Done)
}

fn export(console: &Console, form: &str, unit: &str, from: Option<&str>, to: Option<&str>) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let asked_for = period(from, to, now.day())?;
    let store = console.open()?;
    let (found, unit) = store.read(|c| {
        if !is_id(form) || forms::latest(c, form)?.is_none() {
            return Err(no_form());
        }
        let unit = console.unit(c, Some(unit))?.id;
        let asked = Asked { unit, period: asked_for, now };
        Ok::<_, Failure>((answers::answers(c, &console.scope(c)?, &asked, form)?, unit))
    })?;
    if found.is_cut {
        return Err(Failure::owned(
            Exit::Input,
            format!("答案超过 {} 条。请缩短日期，或按下级单位分别导出", answers::ROWS_MAX_COUNT),
            format!("more than {} answers: ask for fewer days, or unit by unit", answers::ROWS_MAX_COUNT),
        ));
    }
    // Written down before anything is given out.
    let subject = format!("form {form} unit {unit} {} {}", asked_for.from, asked_for.to);
    store.write::<_, Failure>(|tx| {
        audit::write(tx, console.now_ms, Actor::Console, "form.answers_exported", &subject)?;
        let export = Export {
            what: "form.answers",
            unit,
            subject: None,
            columns: form,
            purpose: "answers of a form",
            rows_count: found.rows.len(),
        };
        Ok(rights::note_export(tx, console.now_ms, Settler::Console, &export)?)
    })?;
    std::io::stdout().lock().write_all(found.to_csv(console.language).as_bytes())?;
    Ok(Exit::Done)
}
