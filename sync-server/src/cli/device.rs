//! `device list|revoke`.

use super::arguments::{Device as Verb, InUnit};
use super::failure::{Exit, Failure};
use super::{Console, print_line};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::DeviceId;
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::device;
use zoufang_sync_server::reports::{Asked, devices, text};

pub(super) fn run(console: &Console, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(within) => list(console, &within),
        Verb::Revoke { device } => revoke(console, &device),
    }
}

fn list(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let report = console.open()?.read(|c| {
        let (unit, now) = (console.unit(c, within.unit.as_deref())?.id, Moment::from_ms(console.now_ms));
        let asked = Asked { unit, period: Period::month_of(now.day()), now };
        Ok::<_, Failure>(devices::devices(c, &console.scope(c)?, &asked)?)
    })?;
    let mut table = text::devices(console.language, &report);
    table.columns.insert(0, console.say("手机编号", "device id"));
    table.texts_count += 1;
    for (row, device) in table.rows.iter_mut().zip(&report.devices) {
        row.insert(0, device.id.to_string());
    }
    print_line(&table.to_terminal(None))?;
    Ok(Exit::Done)
}

fn revoke(console: &Console, text: &str) -> Result<Exit, Failure> {
    let missing = || Failure::new(Exit::NotFound, "没有这部手机", "no such phone");
    let id = text.trim().parse::<DeviceId>().map_err(|_| missing())?;
    let found =
        console.open()?.write(|tx| device::revoke(tx, console.now_ms, Actor::Console, id).map_err(Failure::from))?;
    if !found {
        return Err(missing());
    }
    print_line(console.say("手机已停用", "the phone is revoked"))?;
    Ok(Exit::Done)
}
