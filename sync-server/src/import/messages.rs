//! What an import says, in Chinese and English by id.
//!
//! A message never repeats the content of a cell that may hold personal data: it names the row and the column.

use std::fmt::{self, Display};

/// The language of a rendered message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// 中文
    #[default]
    Chinese,
    /// English
    English,
}

macro_rules! messages {
    ($($name:ident $id:literal $zh:literal $en:literal)*) => {
        /// A message of the import; [`MessageId::as_str`] is the id that interfaces and documents use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MessageId {
            $(#[doc = $en] $name,)*
        }

        impl MessageId {
            /// Every message.
            pub const ALL: &'static [MessageId] = &[$(MessageId::$name),*];

            /// The id, such as `import.phone_shape`.
            pub fn as_str(self) -> &'static str {
                match self { $(MessageId::$name => $id,)* }
            }

            /// The text with its `{placeholders}`.
            pub fn template(self, language: Language) -> &'static str {
                match (self, language) {
                    $((MessageId::$name, Language::Chinese) => $zh, (MessageId::$name, Language::English) => $en,)*
                }
            }
        }
    };
}

messages! {
    // The file
    FileUnreadable "import.file_unreadable"
        "读取文件时出错（{reason}）。请把文件复制到本机后重试"
        "the file cannot be read ({reason}): copy it to this machine and try again"
    FileMissing "import.file_missing"
        "找不到文件。请检查路径"
        "there is no such file: check the path"
    FileForbidden "import.file_forbidden"
        "没有读取该文件的权限。请更改文件权限，或换用有权限的帐号"
        "the file may not be read: change its permissions, or use an account that may"
    FileNotPlain "import.file_not_plain"
        "该路径不是文件。请给出 CSV 或 XLSX 文件的路径"
        "this is not a file: give the path of a CSV or XLSX file"
    FileTooLarge "import.file_too_large"
        "文件超过 {max_mib} MiB。请按社区拆分后分别导入"
        "the file is larger than {max_mib} MiB: split it by community and import the parts"
    FileEmpty "import.file_empty"
        "文件是空的。请确认选择了正确的文件"
        "the file is empty: check that it is the right one"
    FormatXls "import.format_xls"
        "这是旧版 Excel（.xls）或加密的表格，无法读取。请在 Excel 或 WPS 中去掉密码，另存为 .xlsx 或“CSV UTF-8”"
        "this is an old Excel file (.xls) or one with a password: remove the password and save it as .xlsx or as CSV UTF-8"
    FormatXlsb "import.format_xlsb"
        "这是二进制表格（.xlsb），无法读取。请在 Excel 或 WPS 中另存为 .xlsx 或“CSV UTF-8”"
        "this is a binary workbook (.xlsb): save it as .xlsx or as CSV UTF-8"
    FormatOds "import.format_ods"
        "这是 OpenDocument 表格（.ods），无法读取。请另存为 .xlsx 或“CSV UTF-8”"
        "this is an OpenDocument sheet (.ods): save it as .xlsx or as CSV UTF-8"
    FormatUnknown "import.format_unknown"
        "这不是 CSV 或 XLSX 表格（扩展名可能不符）。请用 Excel 或 WPS 打开后另存为 .xlsx 或“CSV UTF-8”"
        "this is neither CSV nor XLSX, whatever its name says: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8"
    EncodingUnknown "import.encoding_unknown"
        "文字编码既不是 UTF-8 也不是 GB18030。请另存为“CSV UTF-8”"
        "the text is neither UTF-8 nor GB18030: save it as CSV UTF-8"
    QuoteOpen "import.quote_open"
        "第 {row} 行有未配对的双引号，其后的内容无法分行。请修正后重新导入"
        "row {row} opens a double quote that is never closed, so the rows after it cannot be told apart: correct it and import again"
    XlsxDamaged "import.xlsx_damaged"
        "XLSX 文件已损坏或不完整。请重新复制，或在 Excel、WPS 中打开后另存"
        "the XLSX file is damaged or incomplete: copy it again, or open it in Excel or WPS and save it anew"
    XlsxUnpacked "import.xlsx_unpacked"
        "XLSX 文件解压后超过允许的大小（{max_mib} MiB）。请删除多余的工作表、图片和格式，或另存为“CSV UTF-8”"
        "the XLSX file unpacks to more than {max_mib} MiB: remove sheets, pictures and formats that are not needed, or save it as CSV UTF-8"
    XlsxParts "import.xlsx_parts"
        "XLSX 文件的组成部分超过 {max} 个。请另存为“CSV UTF-8”"
        "the XLSX file has more than {max} parts: save the sheet as CSV UTF-8"
    MergesTooMany "import.merges_too_many"
        "合并单元格超过 {max} 处。请取消合并或拆分文件"
        "the sheet has more than {max} merged ranges: unmerge the cells or split the file"
    SheetMissing "import.sheet_missing"
        "没有名为“{sheet}”的工作表。文件中有：{sheets}"
        "there is no sheet named \"{sheet}\"; the file has: {sheets}"
    SheetNone "import.sheet_none"
        "文件中没有可见的工作表"
        "the file has no visible sheet"
    RowsTooMany "import.rows_too_many"
        "数据超过 {max} 行。请按社区拆分后分别导入"
        "there are more than {max} rows of data: split the file by community and import the parts"
    ColumnsTooMany "import.columns_too_many"
        "表格超过 {max} 列。请删除多余的列"
        "there are more than {max} columns: remove those that are not needed"
    HeadersMissing "import.headers_missing"
        "前 {rows} 行中没有找到表头。需要下列各列（“/”分隔的名称任选其一）：{needed}。还缺：{missing}"
        "no header in the first {rows} rows. Columns needed, by any one of the names between the slashes: {needed}. Missing: {missing}"

    // Any cell
    CellTooLong "import.cell_too_long"
        "内容超过 {max} 个字符"
        "longer than {max} characters"
    CellControl "import.cell_control"
        "含有换行或不可见的控制字符。请删除"
        "holds a line break or an invisible control character: remove it"
    CellDate "import.cell_date"
        "被表格软件识别成了日期或时间。请把该列设为“文本”格式后重新填写"
        "the spreadsheet took it for a date or a time: format the column as text and type it again"
    CellError "import.cell_error"
        "公式出错（如 #REF!）。请改为直接填写的内容"
        "holds a formula's error, such as #REF!: type the value itself"
    CellPrecision "import.cell_precision"
        "数字超过 15 位，表格软件已丢失末位。请把该列设为“文本”格式后重新填写"
        "a number of more than 15 digits has lost its last ones in the spreadsheet: format the column as text and type it again"
    CellFormula "import.cell_formula"
        "以 = + - @ 开头，可能被当作公式执行。请改为普通文字"
        "begins with = + - or @ and could be run as a formula: write plain text"
    CellCitizenId "import.cell_citizen_id"
        "像是身份证号码。本系统不收集身份证号码，请删除"
        "looks like a citizen number, which is not collected: remove it"
    MergedAcross "import.merged_across"
        "{range} 跨列合并，无法判断内容属于哪一列。请取消合并"
        "{range} is merged across columns, so it is not clear which one the value belongs to: unmerge it"
    MergedCount "import.merged_count"
        "人数单元格跨行合并，无法分到各户。请取消合并，逐户填写"
        "one count is merged over several homes and cannot be divided: unmerge it and fill in each home"
    RowWide "import.row_wide"
        "有 {cells} 个单元格，表头只有 {columns} 列。含分隔符的内容请加双引号"
        "has {cells} cells where the header has {columns}: put values that contain the separator in double quotes"
    ValueMissing "import.value_missing"
        "没有填写"
        "is empty"
    TextTooLong "import.text_too_long"
        "超过 {max} 个字"
        "longer than {max} characters"

    // Rosters
    CommunityCode "import.community_code"
        "社区代码应为 12 位数字，或填写社区名称"
        "a community's code has 12 digits; or give the community's name"
    PhoneShape "import.phone_shape"
        "应为一个 11 位手机号（1 开头）或带区号的座机号"
        "expected one mobile number of 11 digits that begins with 1, or a landline with its area code"
    PeopleShape "import.people_shape"
        "应为 0 到 {max} 的整数"
        "expected a whole number from 0 to {max}"
    DwellingUse "import.dwelling_use"
        "无法识别。可填：{allowed}"
        "not known; write one of: {allowed}"
    HomeRepeated "import.home_repeated"
        "与第 {first_row} 行是同一户（微网格、楼栋、单元、室都相同）。请合并为一行"
        "the same home as row {first_row} (same micro-grid, building, unit and room): make them one row"

    // Working-day calendars
    DayShape "import.day_shape"
        "日期应写成 2026-10-01 的样子，年份在 2000 到 2200 之间"
        "a day is written like 2026-10-01, in the years 2000 to 2200"
    DayKind "import.day_kind"
        "安排应为“休”或“班”"
        "write off or work"
    DayTwice "import.day_twice"
        "同一天前后写法不一致"
        "this day stands in the file twice, once off and once worked"

    // Forms
    FormWorkbook "import.form_workbook"
        "表单应为 XLSX 文件，含工作表 settings、survey 和 choices"
        "a form is an XLSX file with the sheets settings, survey and choices"
    FormSettings "import.form_settings"
        "settings 只能有一行内容。请删除其余的行"
        "settings has one row: remove the others"
    FormColumn "import.form_column"
        "表单不支持这一列。请删除整列，支持的列见 docs/forms.md"
        "forms do not support this column: remove it; docs/forms.md lists those that are supported"
    FormUnsupported "import.form_unsupported"
        "表单不支持这项 XLSForm 功能。请清空此单元格"
        "this part of XLSForm is not supported: clear the cell"
    FormType "import.form_type"
        "不支持这种题型。可填：{allowed}"
        "this type is not supported; write one of: {allowed}"
    FormRequired "import.form_required"
        "应为 yes 或 no，或留空"
        "write yes or no, or leave it empty"
    FormPurpose "import.form_purpose"
        "没有写收集目的。请在 purpose 列写明这项答案的用途"
        "says no purpose: write in the column purpose what the answer is for"
    FormRetention "import.form_retention"
        "保存天数应为 1 到 {max} 的整数，留空则与走访记录一致"
        "days are a whole number from 1 to {max}; leave it empty to keep the answer as long as the visit"
    FormSensitive "import.form_sensitive"
        "像是在收集身份证号码、宗教、政治面貌、生物识别、收入或给居民定级，本系统不收集。请删除这一题"
        "looks like a question for citizen numbers, religion, politics, biometrics, income or a rating of residents, which are not collected: remove it"
    FormId "import.form_id"
        "编号应为 1 到 {max} 个字母、数字、下划线或连字符，不以连字符开头"
        "an id is 1 to {max} letters, digits, underscores or hyphens, and does not begin with a hyphen"
    FormTwice "import.form_twice"
        "编号与前面的重复。请换一个"
        "this id stands there before: choose another"
    FormList "import.form_list"
        "choices 工作表中没有选项组 {list}。请补上，或改正名称"
        "the sheet choices has no list {list}: add it, or correct the name"
    FormChoices "import.form_choices"
        "没有选项。请在 choices 工作表中补上"
        "has no choices: add them in the sheet choices"
    FormNotForType "import.form_not_for_type"
        "此题型不能填这一项。请清空此单元格"
        "means nothing for this type: clear the cell"
    FormEmpty "import.form_empty"
        "表单没有题目"
        "the form asks nothing"
    FormTooMany "import.form_too_many"
        "超过 {max} 项。请拆成几张表单"
        "more than {max}: make several forms of it"
    FormTooLarge "import.form_too_large"
        "表单全部文字超过 {max} 字节。请缩短或拆成几张表单"
        "all texts together are over {max} bytes: shorten them, or make several forms of it"
    FormUnknownField "import.form_unknown_field"
        "表单中没有题目 {name}。请改正编号"
        "the form has no question {name}: correct its id"
    FormUnknownChoice "import.form_unknown_choice"
        "该题没有选项 {name}。请改正"
        "that question has no choice {name}: correct it"
    FormOwnAnswer "import.form_own_answer"
        "显示条件不能用“.”（本题答案）。请改用其他题目"
        "a condition cannot ask for its own answer with a dot: name another question"
    FormCircular "import.form_circular"
        "几道题的显示条件互相等待。请改掉其中一个"
        "the conditions of these questions wait for each other: change one of them"
    FormExpressionLong "import.form_expression_long"
        "表达式过长或括号过多（第 {at} 个字符起）。请简化"
        "the expression is too long or too deep (from character {at}): make it simpler"
    FormExpressionUnknown "import.form_expression_unknown"
        "第 {at} 个字符起的写法不支持。支持的写法见 docs/forms.md"
        "not supported from character {at}; docs/forms.md lists what is"
    FormExpressionQuote "import.form_expression_quote"
        "第 {at} 个字符的引号没有闭合"
        "the quotation that begins at character {at} is not closed"
    FormExpressionNumber "import.form_expression_number"
        "第 {at} 个字符起的数字过大，或小数超过 4 位"
        "the number at character {at} is too large or has more than 4 decimals"
    FormExpressionValue "import.form_expression_value"
        "第 {at} 个字符处缺少题目、数字或文字"
        "a question, number or text is missing at character {at}"
    FormExpressionOperator "import.form_expression_operator"
        "第 {at} 个字符处缺少运算符，或多了右括号"
        "an operator is missing at character {at}, or a parenthesis is closed that was not opened"
    FormExpressionParenthesis "import.form_expression_parenthesis"
        "第 {at} 个字符的括号没有闭合"
        "the parenthesis at character {at} is not closed"

    // Divisions
    LevelShape "import.level_shape"
        "级别应为 2（市）、3（区县）、4（街道/乡镇）或 5（社区/村）"
        "the level is 2 (city), 3 (district), 4 (street or township) or 5 (community or village)"
    CodeDigits "import.code_digits"
        "代码只能由数字组成"
        "a code consists of digits only"
    CodeLength "import.code_length"
        "{level} 级的代码应为 {expected} 位，这里是 {found} 位"
        "a code of level {level} has {expected} digits, this one has {found}"
    CodeConflict "import.code_conflict"
        "代码 {code} 与第 {first_row} 行相同，但内容不同"
        "code {code} stands in row {first_row} with other content"
    CodeRepeated "import.code_repeated"
        "与第 {first_row} 行完全相同，已忽略"
        "the same as row {first_row}, ignored"
    ParentMissing "import.parent_missing"
        "文件中没有代码为 {parent} 的上级"
        "the file has no parent with code {parent}"
    ParentLevel "import.parent_level"
        "上级 {parent} 是 {found} 级，应为 {expected} 级"
        "parent {parent} is of level {found}, expected {expected}"
    RootRepeated "import.root_repeated"
        "只能有一个市（2 级），第 {first_row} 行已有一个"
        "there can be only one city (level 2), and row {first_row} has one"
    RootMissing "import.root_missing"
        "文件中没有市（2 级）。请补上级别为 2 的一行"
        "the file has no city: add the row of level 2"

    // Columns that are left out
    ColumnUnknown "import.column_unknown"
        "不是需要的列，没有导入"
        "not a column that is needed, not imported"
    ColumnUnnamed "import.column_unnamed"
        "有内容但没有列名，没有导入"
        "has content but no name, not imported"
    ColumnRepeated "import.column_repeated"
        "与“{used}”列含义相同，没有导入"
        "means the same as column \"{used}\", not imported"
    ColumnCitizenId "import.column_citizen_id"
        "像是身份证号码列。本系统不收集身份证号码，没有读取。请从文件中删除"
        "looks like citizen numbers, which are not collected: it was not read; remove it from the file"
    ColumnReligion "import.column_religion"
        "像是宗教信仰列。本系统不收集，没有读取。请从文件中删除"
        "looks like religion, which is not collected: it was not read; remove it from the file"
    ColumnPolitics "import.column_politics"
        "像是政治面貌列。本系统不收集，没有读取。请从文件中删除"
        "looks like political affiliation, which is not collected: it was not read; remove it from the file"
    ColumnBiometrics "import.column_biometrics"
        "像是生物识别信息列。本系统不收集，没有读取。请从文件中删除"
        "looks like biometrics, which are not collected: it was not read; remove it from the file"
}

impl Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A message with the details that fill its placeholders. The details hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which message.
    pub id: MessageId,
    /// Placeholder and what stands in its place.
    pub detail: Vec<(&'static str, String)>,
}

impl Message {
    /// A message whose placeholders, if any, are given with [`Message::with`].
    pub fn new(id: MessageId) -> Self {
        Message { id, detail: Vec::new() }
    }

    /// Fills `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.detail.push((name, value.to_string()));
        self
    }

    /// The value given for `{name}`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.detail.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The text. A placeholder without a value stays as it is written.
    pub fn render(&self, language: Language) -> String {
        let mut text = String::new();
        let mut rest = self.id.template(language);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            match self.value(name) {
                Some(value) => text.push_str(value),
                None => text.extend(["{", name, "}"]),
            }
            rest = behind;
        }
        text.push_str(rest);
        text
    }
}

impl From<MessageId> for Message {
    fn from(id: MessageId) -> Self {
        Message::new(id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
    }

    #[test]
    fn both_languages_say_the_same() {
        let mut ids = HashSet::new();
        for id in MessageId::ALL {
            assert!(ids.insert(id.as_str()), "{id} twice");
            assert!(id.as_str().starts_with("import."));
            let [zh, en] = [Language::Chinese, Language::English].map(|language| id.template(language));
            assert_eq!(placeholders(zh), placeholders(en), "{id}");
            assert!(zh.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{id}");
            assert!(en.is_ascii(), "{id}");
        }
    }

    #[test]
    fn a_value_is_not_taken_for_a_placeholder() {
        let message = Message::new(MessageId::SheetMissing).with("sheet", "{sheets}").with("sheets", "一、二");
        assert_eq!(message.render(Language::English), "there is no sheet named \"{sheets}\"; the file has: 一、二");
        assert_eq!(Message::new(MessageId::CellTooLong).render(Language::English), "longer than {max} characters");
    }
}
