//! Workbooks in the least that a reader takes for one: sheets of texts, nothing else.

use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

/// A sheet: its name, and its rows of texts. A text is XML: `&gt;` for `>`.
pub type Sheet<'a> = (&'a str, &'a [&'a [&'a str]]);

/// The parts of a workbook with these sheets: name and content.
pub fn parts(sheets: &[Sheet<'_>]) -> Vec<(String, String)> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let each = |form: &dyn Fn(usize, &str) -> String| -> String {
        sheets.iter().enumerate().map(|(at, (name, _))| form(at + 1, name)).collect()
    };
    let named = each(&|at, name| format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"r{at}\"/>"));
    let relations = each(&|at, _| {
        format!("<Relationship Id=\"r{at}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>")
    });
    let part = |name: &str, content: String| (name.to_owned(), content);
    let mut whole = vec![
        part(
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>".to_owned(),
        ),
        part(
            "_rels/.rels",
            format!("<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ),
        part(
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{named}</sheets></workbook>"),
        ),
        part("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{RELATIONS}\">{relations}</Relationships>")),
    ];
    for (at, (_, rows)) in sheets.iter().enumerate() {
        whole.push((format!("xl/worksheets/sheet{}.xml", at + 1), sheet(rows)));
    }
    whole
}

/// The workbook itself.
///
/// # Errors
/// What the packing says.
pub fn packed(sheets: &[Sheet<'_>]) -> ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts(sheets) {
        writer.start_file(name, SimpleFileOptions::default())?;
        writer.write_all(content.as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

/// A sheet with its texts in its cells, so that they can be changed where they stand.
fn sheet(rows: &[&[&str]]) -> String {
    let mut xml =
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>".to_owned();
    for (row, cells) in (1..).zip(rows) {
        xml += &format!("<row r=\"{row}\">");
        for (column, text) in ('A'..).zip(*cells) {
            xml += &format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        }
        xml += "</row>";
    }
    xml + "</sheetData></worksheet>"
}
