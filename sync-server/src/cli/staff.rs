//! `staff add|assign|end|list|password`.

use super::arguments::{Access, InUnit, PostArguments, Staff as Verb, StaffAdd, StaffAssign, StaffPassword};
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use std::io::{BufRead, IsTerminal};
use std::process::{Command, Stdio};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, StaffId};
use zoufang_domain::message::Language;
use zoufang_domain::staff::Standing;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::ports::{SystemRandom, random_id};
use zoufang_sync_server::reports::labels::{label, time};
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::staff::{self, Post, StaffDraft, StaffError, StaffView, login};
use zoufang_sync_server::store::Connection;

pub(super) fn run(console: &Console, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Add(asked) => add(console, &asked),
        Verb::Assign(asked) => assign(console, &asked),
        Verb::End { post } => end(console, &post),
        Verb::List(within) => list(console, &within),
        Verb::Password(asked) => set_password(console, &asked),
    }
}

fn add(console: &Console, asked: &StaffAdd) -> Result<Exit, Failure> {
    let store = console.open()?;
    let secret = match &asked.access.login {
        Some(_) => Some(Secret::take(console, &asked.access)?),
        None => None,
    };
    let id = asked.id.unwrap_or_else(|| StaffId(random_id(&SystemRandom)));
    let draft = StaffDraft {
        name: asked.name.clone(),
        phone: asked.phone.clone(),
        login: asked.access.login.clone(),
        password_hash: secret.as_ref().map(|secret| login::hash(&SystemRandom, &secret.password)),
    };
    let unit = store.write(|tx| {
        let unit = console.unit(tx, Some(&asked.post.unit))?;
        if staff::is_known(tx, id)? {
            return Err(Failure::new(Exit::Input, "已有人使用这个编号", "somebody has that id already"));
        }
        staff::create(tx, console.now_ms, id, &draft)?;
        staff::assign(tx, console.now_ms, CONSOLE, post(console, tx, id, unit.id, &asked.post)?)?;
        Ok::<_, Failure>(unit)
    })?;
    print_line(&format!("{} {id}", console.say("工作人员编号", "staff id:")))?;
    let role = label(console.language, "role", asked.post.role.name());
    print_line(&format!("{} {role} · {}", console.say("任职", "post:"), unit.name))?;
    if let (Some(login), Some(secret)) = (&asked.access.login, secret) {
        print_line(&format!("{} {}", console.say("用户名", "login:"), login::normal(login)))?;
        secret.show(console)?;
    }
    Ok(Exit::Done)
}

fn post(
    console: &Console,
    c: &Connection,
    staff: StaffId,
    unit: zoufang_domain::ids::UnitId,
    asked: &PostArguments,
) -> Result<Post, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let from = asked.from.map_or(now, Moment::start_of);
    let to = asked.to.and_then(|day| day.succ_opt()).map(Moment::start_of);
    let acting_for = asked.acting_for.as_deref().map(|text| find(c, text)).transpose()?.map(|person| person.id);
    let standing = match (asked.co, acting_for) {
        (true, _) => Standing::Co,
        (false, Some(_)) => Standing::Acting,
        (false, None) => Standing::Responsible,
    };
    let id = AssignmentId(random_id(&SystemRandom));
    Ok(Post { to, standing, acting_for, ..Post::new(id, staff, unit, asked.role, from) })
}

fn assign(console: &Console, asked: &StaffAssign) -> Result<Exit, Failure> {
    let post = console.open()?.write(|tx| {
        let person = find(tx, &asked.staff)?;
        let unit = console.unit(tx, Some(&asked.post.unit))?;
        let post = post(console, tx, person.id, unit.id, &asked.post)?;
        staff::assign(tx, console.now_ms, CONSOLE, post)?;
        Ok::<_, Failure>(post)
    })?;
    print_line(&format!("{} {}", console.say("任职编号", "post id:"), post.id))?;
    Ok(Exit::Done)
}

fn end(console: &Console, post: &str) -> Result<Exit, Failure> {
    let id = post.trim().parse::<AssignmentId>().map_err(|_| StaffError::NoPost)?;
    let now = Moment::from_ms(console.now_ms);
    console.open()?.write(|tx| {
        staff::end(tx, console.now_ms, CONSOLE, id, now)?;
        Ok::<_, Failure>(())
    })?;
    print_line(console.say("任职已结束", "the post has ended"))?;
    Ok(Exit::Done)
}

fn list(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let posts = console.open()?.read(|c| {
        let unit = console.unit(c, within.unit.as_deref())?;
        Ok::<_, Failure>(staff::posts_within(c, unit.id)?)
    })?;
    let columns = vec![
        console.say("单位", "unit"),
        console.say("姓名", "name"),
        console.say("角色", "role"),
        console.say("用户名", "login"),
        console.say("电话", "phone"),
        console.say("起", "from"),
        console.say("止", "until"),
        console.say("任职编号", "post id"),
        console.say("人员编号", "staff id"),
    ];
    let row = |post: &staff::PostView| {
        vec![
            post.unit_name.clone(),
            post.staff.name.clone(),
            standing_of(console, post),
            post.staff.login.clone().unwrap_or_default(),
            post.staff.phone.clone().unwrap_or_default(),
            time(post.from),
            post.to.map(time).unwrap_or_default(),
            post.id.to_string(),
            post.staff.id.to_string(),
        ]
    };
    print_line(&Table { columns, rows: posts.iter().map(row).collect(), texts_count: 9 }.to_terminal(None))?;
    Ok(Exit::Done)
}

/// The role, and how a manager stands beside the others.
fn standing_of(console: &Console, post: &staff::PostView) -> String {
    let role = label(console.language, "role", &post.role);
    match Standing::from_name(&post.standing) {
        Some(Standing::Co | Standing::Acting) => {
            format!("{role}（{}）", label(console.language, "standing", &post.standing))
        }
        _ => role.to_owned(),
    }
}

fn set_password(console: &Console, asked: &StaffPassword) -> Result<Exit, Failure> {
    let store = console.open()?;
    let person = store.read(|c| find(c, &asked.staff))?;
    if person.login.is_none() && asked.access.login.is_none() {
        return Err(Failure::new(
            Exit::Usage,
            "此人还没有用户名，请加 --login",
            "this person has no login yet: give --login",
        ));
    }
    let secret = Secret::take(console, &asked.access)?;
    let hash = login::hash(&SystemRandom, &secret.password);
    store.write(|tx| {
        staff::set_password(tx, console.now_ms, person.id, asked.access.login.as_deref(), &hash)?;
        Ok::<_, Failure>(())
    })?;
    print_line(
        console.say("密码已设置，原有登录已全部退出", "the password is set, and every session of theirs has ended"),
    )?;
    secret.show(console)?;
    Ok(Exit::Done)
}

/// The one member of staff that a text means.
pub(super) fn find(c: &Connection, text: &str) -> Result<StaffView, Failure> {
    let mut found = staff::matching(c, text)?;
    match found.len() {
        0 => Err(StaffError::NoStaff.into()),
        1 => Ok(found.remove(0)),
        _ => {
            let ids = found.iter().map(|person| person.id.to_string()).collect::<Vec<_>>().join("\n  ");
            Err(Failure::owned(
                Exit::NotFound,
                format!("有多人同名，请改用编号：\n  {ids}"),
                format!("several people have that name; give an id:\n  {ids}"),
            ))
        }
    }
}

/// A password on its way from a person to its hash.
struct Secret {
    password: String,
    is_made_up: bool,
}

impl Secret {
    fn take(console: &Console, access: &Access) -> Result<Self, Failure> {
        let (password, is_made_up) = match &access.password_file {
            Some(file) if file.as_os_str() == "-" => (first_line(std::io::stdin().lock())?, false),
            Some(file) => (first_line(std::io::BufReader::new(std::fs::File::open(file)?))?, false),
            None if access.ask_password => (ask(console)?, false),
            None => (login::generate(&SystemRandom), true),
        };
        if login::is_acceptable(&password) {
            Ok(Secret { password, is_made_up })
        } else {
            Err(StaffError::Password.into())
        }
    }

    /// A password that was made up here is shown, this once.
    fn show(&self, console: &Console) -> Result<(), Failure> {
        if self.is_made_up {
            print_line(&format!(
                "{} {}",
                console.say("密码（只显示这一次）", "password (shown this once):"),
                self.password
            ))?;
        }
        Ok(())
    }
}

fn first_line(input: impl BufRead) -> Result<String, Failure> {
    const LINE_MAX_BYTES: u64 = 1024;
    let mut line = String::new();
    input.take(LINE_MAX_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks at the terminal, with the letters hidden where the system can hide them.
fn ask(console: &Console) -> Result<String, Failure> {
    note_line(match console.language {
        Language::Zh => "请输入密码（10 到 128 个字符，不会显示）：",
        Language::En => "Password (10 to 128 characters, not shown):",
    });
    let _hidden = std::io::stdin().is_terminal().then(HiddenLetters::begin);
    first_line(std::io::stdin().lock())
}

/// While it lives, the terminal does not show what is typed.
struct HiddenLetters;

impl HiddenLetters {
    fn begin() -> Self {
        stty("-echo");
        HiddenLetters
    }
}

impl Drop for HiddenLetters {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(setting: &str) {
    // Where there is no stty, letters show; the password is taken all the same.
    let _ = Command::new("stty").arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
}
