//! `device list|revoke|readmit`.

use super::arguments::{Device as Verb, InUnit};
use super::failure::{Exit, Failure};
use super::{Console, print_line};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::DeviceId;
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::device::{self, Status};
use zoufang_sync_server::reports::{Asked, devices, text};

pub(super) fn run(console: &Console, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(within) => list(console, &within),
        Verb::Revoke { device } => revoke(console, &device),
        Verb::Readmit { device } => readmit(console, &device),
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
    let id = id_of(text)?;
    let found =
        console.open()?.write(|tx| device::revoke(tx, console.now_ms, Actor::Console, id).map_err(Failure::from))?;
    if !found {
        return Err(missing());
    }
    print_line(console.say("手机已停用", "the phone is revoked"))?;
    Ok(Exit::Done)
}

fn readmit(console: &Console, text: &str) -> Result<Exit, Failure> {
    let id = id_of(text)?;
    let done = console.open()?.write(|tx| {
        let Some(known) = device::find(tx, id)? else { return Err(missing()) };
        Ok((device::readmit(tx, console.now_ms, Actor::Console, id)?, known.status))
    })?;
    match done {
        (true, _) => {
            print_line(
                console.say("手机已重新接纳，下次同步即可使用", "the phone is let in again, from its next sync"),
            )?;
            Ok(Exit::Done)
        }
        (false, Status::Active) => {
            print_line(console.say("手机本来就可以使用", "the phone was in use already"))?;
            Ok(Exit::Done)
        }
        (false, _) => Err(Failure::new(
            Exit::Input,
            "已停用的手机不能重新接纳，请重新登记",
            "a revoked phone is not let in again: enrol it anew",
        )),
    }
}

fn id_of(text: &str) -> Result<DeviceId, Failure> {
    text.trim().parse().map_err(|_| missing())
}

fn missing() -> Failure {
    Failure::new(Exit::NotFound, "没有这部手机", "no such phone")
}
