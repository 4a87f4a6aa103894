//! `enrol-code`.

use super::arguments::EnrolCode;
use super::failure::{Exit, Failure};
use super::staff::find;
use super::{Console, print_line};
use fast_qr::convert::{Builder, svg::SvgBuilder};
use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, QRCode};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::enrol::{self, CODE_LASTS_MS};
use zoufang_sync_server::ports::SystemRandom;

/// Blank modules around a picture, as the standard asks.
const QUIET_MODULES: usize = 4;

pub(super) fn run(console: &Console, asked: &EnrolCode) -> Result<Exit, Failure> {
    let store = console.open()?;
    let ca = asked.ca.as_ref().map(std::fs::read_to_string).transpose()?;
    let (person, code) = store.write(|tx| {
        let person = find(tx, &asked.staff)?;
        let code = enrol::make_code(tx, &SystemRandom, person.id, console.now_ms, Actor::Console)?;
        Ok::<_, Failure>((person, code))
    })?;
    if asked.plain {
        print_line(&code)?;
    } else {
        print_line(&format!("{} {}", console.say("为", "for"), person.name))?;
        print_line(&format!("{} {code}", console.say("登记码", "code:")))?;
        let minutes = CODE_LASTS_MS / 60_000;
        print_line(&format!(
            "{} {minutes} {}",
            console.say("有效", "valid for"),
            console.say("分钟，只能用一次", "minutes, once")
        ))?;
    }
    if let Some(url) = asked.server_url.as_deref().filter(|_| asked.qr || asked.qr_svg.is_some()) {
        let picture = draw(&enrol::qr_payload(url, ca.as_deref(), &code))?;
        if asked.qr {
            print_line(&in_blocks(&picture))?;
        }
        if let Some(file) = &asked.qr_svg {
            let svg = SvgBuilder::default().margin(QUIET_MODULES).to_str(&picture);
            std::fs::write(file, svg)?;
        }
    }
    Ok(Exit::Done)
}

/// Phones know a name as certificates write it, and carry no table of the world's letters to make that of another (docs/adr/0013).
pub(super) fn address(text: &str) -> Result<String, String> {
    if text.is_ascii() {
        return Ok(text.to_owned());
    }
    Err("中文域名请写成证书里的形式（xn--…）。Write the name as the certificate has it, in ASCII (xn--…)".to_owned())
}

fn draw(text: &str) -> Result<QRCode, Failure> {
    QRBuilder::new(text).ecl(ECL::L).build().map_err(|_| {
        Failure::new(
            Exit::Input,
            "二维码放不下：证书过长。登记码仍然有效，可手工输入",
            "the QR code cannot hold that certificate; the code itself is valid and can be typed",
        )
    })
}

/// Two rows of modules a line, dark on light, whatever the terminal's colours: the light modules are drawn.
fn in_blocks(picture: &QRCode) -> String {
    let size = picture.size;
    let whole = size + 2 * QUIET_MODULES;
    let dark = |x: usize, y: usize| {
        let inside =
            (QUIET_MODULES..QUIET_MODULES + size).contains(&x) && (QUIET_MODULES..QUIET_MODULES + size).contains(&y);
        inside && picture[y - QUIET_MODULES][x - QUIET_MODULES].value()
    };
    let mut text = String::new();
    for y in (0..whole).step_by(2) {
        for x in 0..whole {
            text.push(match (dark(x, y), y + 1 < whole && dark(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            });
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_square_with_its_quiet_border() {
        let picture = draw("{\"zoufang\":1}").unwrap();
        let text = in_blocks(&picture);
        let lines: Vec<&str> = text.lines().collect();
        let whole = picture.size + 2 * QUIET_MODULES;
        assert_eq!((lines.len(), lines[0].chars().count()), (whole.div_ceil(2), whole));
        assert!(lines[0].chars().all(|block| block == '█') && lines[4].contains('▄'));
    }
}
