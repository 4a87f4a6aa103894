//! Every verb, with its help and an example that works as it stands.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use zoufang_domain::message::Language;
use zoufang_domain::staff::Role;

const EXAMPLE_SETUP: &str = "\
例 Example:
  zoufang-server import divisions yangquan-divisions.csv --data-dir /var/lib/zoufang
  zoufang-server import roster 段南沟.xlsx --community 段南沟 --data-dir /var/lib/zoufang
  zoufang-server staff add 测试甲 --role supervisor --unit 1403 --login ceshi --data-dir /var/lib/zoufang
  zoufang-server serve --data-dir /var/lib/zoufang

退出码 Exit codes:
  0  完成 done
  1  意外错误 something unexpected (disk, database, network)
  2  命令写法有误 the command line is wrong
  3  内容有误，其余已照办 some of the input was wrong; the rest was done
  4  没有找到 no such unit, person, device, import or file
  5  检查发现问题 a check found something wrong";

/// 网格走访的同步服务器。The sync server of a city's grid visits.
#[derive(Debug, Parser)]
#[command(name = "zoufang-server", version, after_help = EXAMPLE_SETUP, propagate_version = true)]
pub(crate) struct Arguments {
    /// 数据目录，数据库是其中的 server.db。Folder of the data; the database is server.db in it
    #[arg(long, global = true, env = "ZOUFANG_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// 语言，未指定时看环境变量 LANG。Language; without it, that of LANG
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// 启动服务。Serve phones and pages
    #[command(after_help = "\
例 Example:
  zoufang-server serve --data-dir /var/lib/zoufang
  zoufang-server serve --listen 0.0.0.0:8443 --tls-cert server.pem --tls-key server.key --data-dir /var/lib/zoufang")]
    Serve(Serve),
    /// 导入区划和花名册，撤销，列表。Import divisions and rosters, undo, list
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server import divisions yangquan-divisions.csv --data-dir /var/lib/zoufang
  zoufang-server import list --data-dir /var/lib/zoufang"
    )]
    Import(Import),
    /// 工作人员、任职、密码。Staff, their posts, their passwords
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server staff add 测试甲 --role micro_grid_manager --unit 第1微网格 --data-dir /var/lib/zoufang
  zoufang-server staff list --unit 1403 --data-dir /var/lib/zoufang"
    )]
    Staff(Staff),
    /// 生成手机登记码。Make a code that enrols a phone
    #[command(after_help = "\
例 Example:
  zoufang-server enrol-code --staff 测试甲 --qr --server-url https://zoufang.example:8443 --data-dir /var/lib/zoufang
  zoufang-server enrol-code --staff ceshi --plain --data-dir /var/lib/zoufang")]
    EnrolCode(EnrolCode),
    /// 手机列表、停用、重新接纳。Phones: list, revoke, readmit
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server device list --unit 1403 --data-dir /var/lib/zoufang
  zoufang-server device revoke 0198c0de-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang"
    )]
    Device(Device),
    /// 交接任职。A post changes hands
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server handover make --unit 第1微网格 --from 测试甲 --to 测试乙 --data-dir /var/lib/zoufang
  zoufang-server handover list --data-dir /var/lib/zoufang"
    )]
    Handover(super::handover::Handover),
    /// 到期应删的内容：看有哪些，或立即删除（服务运行时每天自动进行）。What has been kept for long enough: see it, or let it go now; a running server does so daily
    #[command(after_help = "\
例 Example:
  zoufang-server retention --data-dir /var/lib/zoufang
  zoufang-server retention --now --data-dir /var/lib/zoufang")]
    Retention(super::upkeep::Retention),
    /// 居民对自己信息的申请：复制、更正、删除、限制、说明。What residents ask of their own data: a copy, a correction, erasure, restriction, an explanation
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server rights list --data-dir /var/lib/zoufang
  zoufang-server rights erase 019a0000-0000-7000-8000-000000000001 --unit 第1微网格 --data-dir /var/lib/zoufang"
    )]
    Rights(super::rights::Rights),
    /// 未能生效、待处理的内容。Work that could not take effect: list, accept, move, answer
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server quarantine list --data-dir /var/lib/zoufang
  zoufang-server quarantine refuse 7 --answer 该户已由另一位管理员走访 --data-dir /var/lib/zoufang"
    )]
    Quarantine(super::quarantine::Quarantine),
    /// 诉求：列表、经过、办理。Matters: list, show, move
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server matter list --unit 140303 --data-dir /var/lib/zoufang
  zoufang-server matter move 0198c0de-0000-7000-8000-000000000004 accept --staff ceshi --data-dir /var/lib/zoufang"
    )]
    Matter(super::matter::Verb),
    /// 走访规则、必访清单、工作日历、办理时限。Visit rules, must-visit lists, working-day calendars, terms of matters
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server rule add 民意五来听 --unit 1403 --days 5,15,25 --data-dir /var/lib/zoufang
  zoufang-server rule list --data-dir /var/lib/zoufang"
    )]
    Rule(super::rules::Rule),
    /// 表单：导入、列表、查看、停用、导出答案。Forms: import, list, show, withdraw, export answers
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server form import safety.xlsx --unit 1403 --data-dir /var/lib/zoufang
  zoufang-server form answers safety --unit 140303 --data-dir /var/lib/zoufang > safety.csv"
    )]
    Form(super::forms::Form),
    /// 社区工作台登记的预约。Appointments: take down, list
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server appointment add --unit 第1微网格 --home 1-1-101 --slot \"2026-12-01 09:00-10:00\" --by taizi --data-dir /var/lib/zoufang
  zoufang-server appointment list --unit 140303 --data-dir /var/lib/zoufang"
    )]
    Appointment(super::appointments::Appointment),
    /// 通知：发出、列表、撤回、阅读情况。Notices: send, list, withdraw, who has read them
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server notice send --unit 140303 --kind safety --title 冬季用火安全 --body 请提醒住户检查烟道 --needs-receipt --data-dir /var/lib/zoufang
  zoufang-server notice receipts 0198c0de-0000-7000-8000-000000000005 --data-dir /var/lib/zoufang"
    )]
    Notice(super::notices::Notice),
    /// 关爱需求类型。Types of care need
    #[command(
        subcommand,
        after_help = "\
例 Example:
  zoufang-server care-type add 独居老人 --unit 1403 --purpose 每周问候 --seen-by micro_grid_manager,grid_leader --valid-max-days 180 \\
    --data-dir /var/lib/zoufang
  zoufang-server care-type list --data-dir /var/lib/zoufang"
    )]
    CareType(super::care::CareType),
    /// 报表。Reports
    #[command(after_help = "\
例 Example:
  zoufang-server report coverage --unit 140303 --from 2026-11-01 --to 2026-11-30 --data-dir /var/lib/zoufang
  zoufang-server report matters --unit 1403 --format csv --data-dir /var/lib/zoufang > matters.csv")]
    Report(Report),
    /// 在线备份到新文件。Back up to a new file while the server runs
    #[command(after_help = "\
例 Example:
  zoufang-server backup /backup/zoufang-2026-11-23.db --data-dir /var/lib/zoufang")]
    Backup(super::upkeep::Backup),
    /// 从备份恢复，原数据库保留。Put a backup in the database's place; what was there is kept
    #[command(after_help = "\
例 Example:
  zoufang-server restore /backup/zoufang-2026-11-23.db --data-dir /var/lib/zoufang")]
    Restore(super::upkeep::Restore),
    /// 检查数据库是否完好。Check that the database is sound
    #[command(after_help = "\
例 Example:
  zoufang-server check --data-dir /var/lib/zoufang")]
    Check(super::upkeep::Check),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// 监听地址。非本机地址必须有证书。Where to listen; other machines need TLS
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// 证书链（PEM）。Certificate chain, PEM
    #[arg(long, alias = "tls-certificate", requires = "tls_key", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// 私钥（PEM）。Private key, PEM
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// 手机和浏览器使用的地址。The address that phones and browsers use
    #[arg(long, env = "ZOUFANG_PUBLIC_URL", value_parser = super::enrol::address, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// 导入区划（CSV 或 XLSX，列：级别、代码、名称、上级代码）。Import the division tree (level, code, name, parent_code)
    #[command(after_help = "\
例 Example:
  zoufang-server import divisions yangquan-divisions.csv --data-dir /var/lib/zoufang")]
    Divisions(ImportFile),
    /// 导入花名册（CSV 或 XLSX，列：微网格、楼栋、单元、室、联系人、电话、人数、居住类型）。Import a household roster
    #[command(after_help = "\
例 Example:
  zoufang-server import roster 段南沟.xlsx --community 140303007006 --data-dir /var/lib/zoufang
  zoufang-server import roster 全市.csv --since 2026-11-01 --data-dir /var/lib/zoufang")]
    Roster(ImportRoster),
    /// 撤销一次导入。Take back what an import created
    #[command(after_help = "\
例 Example:
  zoufang-server import undo 3 --data-dir /var/lib/zoufang")]
    Undo {
        /// 批次号，见 import list。The number that `import list` shows
        batch: i64,
    },
    /// 导入记录。List the imports
    #[command(after_help = "\
例 Example:
  zoufang-server import list --data-dir /var/lib/zoufang")]
    List,
}

#[derive(Debug, Args)]
pub(crate) struct ImportFile {
    /// CSV（UTF-8 或 GB18030）或 XLSX 文件。A CSV (UTF-8 or GB18030) or XLSX file
    pub(crate) file: PathBuf,
    /// XLSX 的工作表，默认第一张可见的。The sheet of an XLSX file; without it the first visible one
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportRoster {
    #[command(flatten)]
    pub(crate) from: ImportFile,
    /// 没有社区列的行所属的社区：代码、名称或编号。Community of rows that name none: code, name or id
    #[arg(long, value_name = "COMMUNITY")]
    pub(crate) community: Option<String>,
    /// 新住户从哪天起计入，默认今天。The day from which new homes count; without it today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) since: Option<chrono::NaiveDate>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Staff {
    /// 新增工作人员并任职。Add somebody and post them to a unit
    #[command(after_help = "\
例 Example:
  zoufang-server staff add 测试甲 --role micro_grid_manager --unit 第1微网格 --phone 13800000000 --data-dir /var/lib/zoufang
  zoufang-server staff add 张三样例 --role supervisor --unit 1403 --login zhangsan --data-dir /var/lib/zoufang")]
    Add(StaffAdd),
    /// 增加一个任职。Post somebody to one more unit
    #[command(after_help = "\
例 Example:
  zoufang-server staff assign 测试甲 --role grid_worker --unit 140303007006 --data-dir /var/lib/zoufang")]
    Assign(StaffAssign),
    /// 结束一个任职。End a post
    #[command(after_help = "\
例 Example:
  zoufang-server staff end 0198c0de-0000-7000-8000-000000000002 --data-dir /var/lib/zoufang")]
    End {
        /// 任职编号，见 staff list。The post's id, as `staff list` shows it
        post: String,
    },
    /// 任职列表。List posts
    #[command(after_help = "\
例 Example:
  zoufang-server staff list --unit 140303 --data-dir /var/lib/zoufang")]
    List(InUnit),
    /// 设置网页登录的用户名和密码。Set a login and password for the web
    #[command(after_help = "\
例 Example:
  zoufang-server staff password 张三样例 --login zhangsan --data-dir /var/lib/zoufang
  zoufang-server staff password zhangsan --password-file secret.txt --data-dir /var/lib/zoufang")]
    Password(StaffPassword),
}

#[derive(Debug, Args)]
pub(crate) struct StaffAdd {
    /// 姓名。Name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) post: PostArguments,
    /// 工作电话。Work phone
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// 按原编号恢复：备份里没有此人而其手机仍在用时。The id that the person had: where the backup has forgotten them and their phone goes on
    #[arg(long, value_name = "STAFF_ID")]
    pub(crate) id: Option<zoufang_domain::ids::StaffId>,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct PostArguments {
    /// 角色。Role
    #[arg(long, value_parser = role, value_name = "ROLE", help = role_help())]
    pub(crate) role: Role,
    /// 单位：代码、名称或编号。Unit: code, name or id
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: String,
    /// 从哪天起，默认现在。From which day on; without it from now on
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<chrono::NaiveDate>,
    /// 到哪天为止（含）。Until which day, that day included
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<chrono::NaiveDate>,
    /// 协管：微网格已有责任人时。Beside the responsible manager
    #[arg(long, conflicts_with = "acting_for")]
    pub(crate) co: bool,
    /// 代管：替谁，须同时给出 --to。In place of whom; needs --to
    #[arg(long, value_name = "STAFF", requires = "to")]
    pub(crate) acting_for: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Access {
    /// 网页登录的用户名。Login for the web
    #[arg(long)]
    pub(crate) login: Option<String>,
    /// 从文件读取密码，“-”为标准输入；不给则生成一个，只显示一次。Read the password from a file, or from stdin with "-"; without it one is
    /// made and shown once
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// 在终端输入密码。Type the password at the terminal
    #[arg(long, conflicts_with = "password_file")]
    pub(crate) ask_password: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StaffAssign {
    /// 姓名、用户名或编号。Name, login or id
    pub(crate) staff: String,
    #[command(flatten)]
    pub(crate) post: PostArguments,
}

#[derive(Debug, Args)]
pub(crate) struct StaffPassword {
    /// 姓名、用户名或编号。Name, login or id
    pub(crate) staff: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct InUnit {
    /// 单位：代码、名称或编号，默认最上级。Unit: code, name or id; without it the top
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EnrolCode {
    /// 为谁：用户名、姓名或编号。For whom: login, name or id
    #[arg(long, value_name = "STAFF")]
    pub(crate) staff: String,
    /// 在终端显示二维码。Show a QR code in the terminal
    #[arg(long, requires = "server_url")]
    pub(crate) qr: bool,
    /// 把二维码写入 SVG 文件。Write the QR code to an SVG file
    #[arg(long, value_name = "FILE", requires = "server_url")]
    pub(crate) qr_svg: Option<PathBuf>,
    /// 写进二维码的服务器地址。The server's address, for the QR code
    #[arg(long, env = "ZOUFANG_PUBLIC_URL", value_parser = super::enrol::address, value_name = "URL")]
    pub(crate) server_url: Option<String>,
    /// 写进二维码的签发机构证书（PEM）。The authority's certificate, for the QR code
    #[arg(long, value_name = "FILE", requires = "server_url")]
    pub(crate) ca: Option<PathBuf>,
    /// 只输出登记码。Print nothing but the code
    #[arg(long, conflicts_with = "qr")]
    pub(crate) plain: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// 手机列表。List phones
    #[command(after_help = "\
例 Example:
  zoufang-server device list --unit 140303 --data-dir /var/lib/zoufang")]
    List(InUnit),
    /// 停用手机：立即拒绝，未上传的内容进入待处理。Revoke a phone: refused at once, its unsent work goes to quarantine
    #[command(after_help = "\
例 Example:
  zoufang-server device revoke 0198c0de-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang")]
    Revoke {
        /// 手机编号，见 device list。The phone's id, as `device list` shows it
        device: String,
    },
    /// 重新接纳被冻结的手机：有两份副本时，接着服务器记录往下的那份生效。Let a frozen phone in again: of two copies, the one that goes on
    /// from what the server holds
    #[command(after_help = "\
例 Example:
  zoufang-server device readmit 0198c0de-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang")]
    Readmit {
        /// 手机编号，见 device list。The phone's id, as `device list` shows it
        device: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportName {
    /// 走访覆盖率。Homes visited of homes
    Coverage,
    /// 走访方式和结果。Visits by mode and outcome
    Visits,
    /// 诉求状态和超期。Matters by state, with overdue
    Matters,
    /// 各规则应走访、已走访、超期。Visits that rules ask for: made and overdue
    Due,
    /// 通知的阅读和告知情况。Notices by how many have read them
    Notices,
    /// 手机同步情况。Phones by last sync and unsent
    Devices,
}

impl ReportName {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ReportName::Coverage => "coverage",
            ReportName::Visits => "visits",
            ReportName::Matters => "matters",
            ReportName::Due => "due",
            ReportName::Notices => "notices",
            ReportName::Devices => "devices",
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
pub(crate) enum Format {
    /// 终端表格。A table
    Table,
    /// CSV（Excel、WPS 可直接打开）。CSV for spreadsheets
    Csv,
    /// JSON
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// 哪张报表。Which report
    #[arg(value_enum)]
    pub(crate) report: ReportName,
    #[command(flatten)]
    pub(crate) within: InUnit,
    /// 起始日，默认本月一日。First day; without it the first of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<String>,
    /// 结束日（含），默认月末。Last day, included; without it the end of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<String>,
    /// 格式。Format
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(role_help)
}

pub(super) fn role_help() -> String {
    use zoufang_sync_server::reports::labels::label;
    let named = |role: Role| format!("{} {}", role.name(), label(Language::Zh, "role", role.name()));
    format!("角色 Role: {}", Role::ALL.map(named).join("; "))
}
