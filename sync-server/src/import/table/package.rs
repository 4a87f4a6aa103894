//! The ZIP package around a workbook, weighed before calamine reads it.
//!
//! calamine trusts what a package says: it keeps all shared texts, reserves memory for as many as are announced, and copies a
//! font name into every cell format. So every part is unpacked here once to be counted and checked (its checksum with it), and
//! the two parts whose weight in memory is not that of their bytes are looked into, with the parsers that calamine uses.

use std::io::{BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::super::limits::{
    XLSX_PARTS_MAX_COUNT, XLSX_STYLES_MAX_BYTES, XLSX_TEXTS_MAX_BYTES, XLSX_TEXTS_MAX_COUNT, XLSX_UNPACKED_MAX_BYTES,
};
use super::super::messages::{Message, MessageId};
use super::super::report::ImportError;

/// What a cell format takes besides its names, in calamine 0.38.
const STYLE_BYTES: u64 = 512;

/// Refuses a package that is not a workbook, is damaged, or would unpack beyond the bounds.
pub(super) fn check(reader: &mut (impl Read + Seek)) -> Result<(), ImportError> {
    let mut archive = ZipArchive::new(reader).map_err(|_| MessageId::XlsxDamaged)?;
    if archive.len() > XLSX_PARTS_MAX_COUNT {
        return Err(Message::new(MessageId::XlsxParts).with("max", XLSX_PARTS_MAX_COUNT).into());
    }
    let names = archive.file_names().map(|name| Ok(name?.replace('\\', "/").to_ascii_lowercase()));
    let names: Vec<String> = names.collect::<zip::result::ZipResult<_>>().map_err(|_| MessageId::XlsxDamaged)?;
    refuse_other_formats(&names)?;
    let mut room_bytes = XLSX_UNPACKED_MAX_BYTES;
    for (at, name) in names.iter().enumerate() {
        let texts = name.ends_with("sharedstrings.xml");
        let max_bytes = if texts { room_bytes.min(XLSX_TEXTS_MAX_BYTES) } else { room_bytes };
        room_bytes -= unpacked_bytes(&mut archive, at, max_bytes)?;
        if texts {
            check_texts(&mut archive, at)?;
        } else if name.ends_with("styles.xml") {
            check_styles(&mut archive, at)?;
        }
    }
    Ok(())
}

fn refuse_other_formats(names: &[String]) -> Result<(), ImportError> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("xl/workbook.bin") {
        return Err(MessageId::FormatXlsb.into());
    }
    if has("mimetype") && has("content.xml") {
        return Err(MessageId::FormatOds.into());
    }
    // The main part may lie elsewhere than in xl/, but Word and PowerPoint have no workbook.
    if has("_rels/.rels") && names.iter().any(|name| name.ends_with("workbook.xml")) {
        return Ok(());
    }
    Err(MessageId::FormatUnknown.into())
}

/// Unpacks a part into nothing.
fn unpacked_bytes<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize, max_bytes: u64) -> Result<u64, ImportError> {
    let part = archive.by_index(at).map_err(|_| MessageId::XlsxDamaged)?;
    let unpacked = std::io::copy(&mut part.take(max_bytes + 1), &mut std::io::sink());
    match unpacked.map_err(|_| MessageId::XlsxDamaged)? {
        count if count > max_bytes => Err(too_large(max_bytes)),
        count => Ok(count),
    }
}

fn too_large(max_bytes: u64) -> ImportError {
    Message::new(MessageId::XlsxUnpacked).with("max_mib", max_bytes.div_ceil(1024 * 1024)).into()
}

/// Calls `on_start` for each element of a part, until it returns false.
fn walk<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    at: usize,
    mut on_start: impl FnMut(&BytesStart<'_>) -> Result<bool, ImportError>,
) -> Result<(), ImportError> {
    let part = archive.by_index(at).map_err(|_| MessageId::XlsxDamaged)?;
    let mut xml = Reader::from_reader(BufReader::new(part));
    let config = xml.config_mut();
    // As calamine sets them: what it reads and what is checked here must be the same elements.
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| MessageId::XlsxDamaged)? {
            Event::Start(element) if !on_start(&element)? => return Ok(()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The announced number of shared texts. Whatever is no number, calamine passes over.
fn check_texts<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize) -> Result<(), ImportError> {
    walk(archive, at, |element| {
        if element.local_name().as_ref() != "sst" {
            return Ok(true);
        }
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| MessageId::XlsxDamaged)?;
            let count = attribute.value.trim().parse::<u64>().unwrap_or(0);
            if attribute.key.as_ref() == "uniqueCount" && count > XLSX_TEXTS_MAX_COUNT {
                return Err(too_large(XLSX_TEXTS_MAX_BYTES));
            }
        }
        Ok(false)
    })
}

/// What the cell formats grow to: each holds at most a font name and a number format, and each of those stands in one element.
fn check_styles<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize) -> Result<(), ImportError> {
    let (mut formats_count, mut longest_bytes) = (0u64, 0u64);
    walk(archive, at, |element| {
        match element.local_name().as_ref() {
            "styleSheet" => {}
            "xf" => formats_count += 1,
            _ => longest_bytes = longest_bytes.max(element.len() as u64),
        }
        let weight_bytes = formats_count.saturating_mul(STYLE_BYTES + 2 * longest_bytes);
        if weight_bytes > XLSX_STYLES_MAX_BYTES { Err(too_large(XLSX_STYLES_MAX_BYTES)) } else { Ok(true) }
    })
}
