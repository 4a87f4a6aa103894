//! How a verb ends: exit codes, and errors as people read them.

use zoufang_domain::message::{self, Language};
use zoufang_sync_server::backup::BackupError;
use zoufang_sync_server::import::apply::ApplyError;
use zoufang_sync_server::import::report::ImportError;
use zoufang_sync_server::ledger::LedgerError;
use zoufang_sync_server::reports::ReportError;
use zoufang_sync_server::reports::units::FindError;
use zoufang_sync_server::restore::RestoreError;
use zoufang_sync_server::staff::StaffError;
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::tls::ServeError;

/// Exit codes, as the help of the whole program lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Unexpected = 1,
    Usage = 2,
    Input = 3,
    NotFound = 4,
    Unsound = 5,
}

/// Why a verb did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    zh: String,
    en: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, zh: &str, en: &str) -> Self {
        Failure::owned(exit, zh.to_owned(), en.to_owned())
    }

    pub(crate) fn owned(exit: Exit, zh: String, en: String) -> Self {
        Failure { exit, zh, en }
    }

    /// A failure whose text is in the table of messages.
    pub(super) fn of_message(exit: Exit, id: &str) -> Self {
        let message = message::find(id);
        let [zh, en] = [Language::Zh, Language::En].map(|language| (message.title(language), message.detail(language)));
        Failure::owned(exit, format!("{}。{}", zh.0, zh.1), format!("{}. {}", en.0, en.1))
    }

    pub(crate) fn render(&self, language: Language) -> String {
        match language {
            Language::Zh => format!("错误：{}", self.zh),
            Language::En => format!("error: {}", self.en),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Unexpected };
        Failure::owned(
            exit,
            format!("无法读写文件（{}）", error.kind()),
            format!("cannot read or write ({})", error.kind()),
        )
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (zh, exit) = match &error {
            StoreError::Busy => ("数据库正忙，请稍后再试", Exit::Unexpected),
            StoreError::Full => ("磁盘已满，请腾出空间", Exit::Unexpected),
            StoreError::Newer { .. } => ("数据库由更新版本的服务器写成，请用新版本打开", Exit::Unexpected),
            StoreError::Unusable { .. } => ("数据库文件不能使用，没有改动任何文件", Exit::Unexpected),
            StoreError::Corrupt(_) => ("数据库文件已损坏。请停止服务，保留原文件，换上最近的备份", Exit::Unexpected),
            StoreError::Folder { .. } => ("无法打开数据目录，请检查路径和权限", Exit::Unexpected),
            _ => ("数据库出错", Exit::Unexpected),
        };
        Failure::owned(exit, format!("{zh}（{error}）"), error.to_string())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(store) => store.into(),
            LedgerError::Refused(refusal) => Failure::of_message(Exit::Input, refusal.message_id()),
            other => Failure::owned(Exit::Input, format!("没有写入（{other}）"), other.to_string()),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotFound => Failure::new(
                Exit::NotFound,
                "没有这个单位。请用区划代码、名称或编号",
                "no such unit: give a division code, a name or an id",
            ),
            ReportError::Period => Failure::of_message(Exit::Usage, "report.period"),
            ReportError::Store(store) => store.into(),
        }
    }
}

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Report(report) => report.into(),
            FindError::Several(names) => {
                let list = names.join("\n  ");
                Failure::owned(
                    Exit::NotFound,
                    format!("有多个单位用这个名称，请改用代码或编号：\n  {list}"),
                    format!("several units have that name; give a code or an id:\n  {list}"),
                )
            }
        }
    }
}

impl From<StaffError> for Failure {
    fn from(error: StaffError) -> Self {
        let zh = match &error {
            StaffError::Name => "姓名应为 1 到 64 个字",
            StaffError::Login => "用户名已被使用，或不是 3 到 32 位的 a-z 0-9 . _ -",
            StaffError::Password => "密码应为 10 到 128 个字符",
            StaffError::NoStaff => "没有这位工作人员",
            StaffError::NoUnit => "没有这个单位",
            StaffError::NoPost => "没有这个任职，或已经结束",
            StaffError::Managed { .. } => "该微网格已有责任人；请加 --co（协管）或 --acting-for（代管），或先办交接",
            StaffError::Acting => "代管须写明替谁（--acting-for）和到哪天（--to）",
            StaffError::Ledger(_) | StaffError::Store(_) => "",
        };
        let exit = match &error {
            StaffError::NoStaff | StaffError::NoUnit | StaffError::NoPost => Exit::NotFound,
            _ => Exit::Input,
        };
        match error {
            StaffError::Ledger(ledger) => ledger.into(),
            StaffError::Store(store) => store.into(),
            other => Failure::owned(exit, zh.to_owned(), other.to_string()),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::NoCommunity => {
                Failure::new(Exit::NotFound, "给出的单位不是社区", "the unit given is not a community")
            }
            ApplyError::NoBatch => Failure::new(Exit::NotFound, "没有这个导入批次", "no such import"),
            ApplyError::UndoneBefore => {
                Failure::new(Exit::Input, "这次导入已经撤销过了", "this import was undone before")
            }
            ApplyError::Ledger(ledger) => ledger.into(),
            ApplyError::Store(store) => store.into(),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        use zoufang_sync_server::import::messages::{Language as In, MessageId};
        let exit = if error.id() == MessageId::FileMissing { Exit::NotFound } else { Exit::Input };
        Failure::owned(exit, error.render(In::Chinese), error.render(In::English))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let zh = match &error {
            ServeError::PlainOnNetwork(address) => {
                format!("{address} 可从其他机器访问，必须使用 TLS：请给出 --tls-cert 和 --tls-key，或只监听 127.0.0.1")
            }
            other => format!("无法启动（{other}）"),
        };
        Failure::owned(Exit::Unexpected, zh, error.to_string())
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(store) => store.into(),
            BackupError::Exists(path) => Failure::owned(
                Exit::Input,
                format!("{path} 已存在。备份从不覆盖，请换个文件名"),
                format!("{path} exists already; a backup never overwrites, give another name"),
            ),
            other => Failure::owned(Exit::Unexpected, format!("备份没有完成（{other}）"), other.to_string()),
        }
    }
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Self {
        let (exit, zh) = match &error {
            RestoreError::Missing(path) => (Exit::NotFound, format!("找不到备份文件 {}", path.display())),
            RestoreError::NotSound(path) => (Exit::Unsound, format!("{} 不是完好的服务器数据库备份", path.display())),
            RestoreError::InUse => (Exit::Unexpected, "数据库正在使用，请先停止服务".to_owned()),
            other => (Exit::Unexpected, format!("没有恢复（{other}）")),
        };
        match error {
            RestoreError::Store(store) => store.into(),
            other => Failure::owned(exit, zh, other.to_string()),
        }
    }
}
