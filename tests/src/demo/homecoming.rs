//! After the day: everybody's line comes back at once, some break in mid-sync, some phones die with them, and all go on until nothing
//! waits any more.

use super::{DemoError, Progress, SEED, WORKERS_COUNT};
use crate::dice::Dice;
use crate::fleet::{self, FleetError, Member};
use crate::proxy::Proxy;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Every so many phones have a line that breaks.
const BREAKING_EVERY_COUNT: usize = 3;
/// Of these, every so many are killed when it breaks.
const KILLED_EVERY_COUNT: usize = 2;
/// Lines that break: a phone's number chooses among them.
const BREAKING_LINES_COUNT: usize = 16;
/// When a line breaks, in bytes of both ways: within the sign-in, the first push, its answer.
const BREAKS_AFTER_BYTES: std::ops::RangeInclusive<usize> = 300..=9_000;
/// Syncs of one phone until all that it saved has gone up.
const TRIES_MAX_COUNT: usize = 8;
/// Rounds of all phones until nothing moves.
const ROUNDS_MAX_COUNT: usize = 5;

/// The lines between phones and server: one that holds, and some that break.
pub(super) struct Lines {
    good: Arc<Proxy>,
    breaking: Vec<Arc<Proxy>>,
}

impl Lines {
    /// Lines to a server.
    pub(super) async fn before(server: SocketAddr) -> io::Result<Lines> {
        let good = Arc::new(Proxy::before(server).await?);
        let mut breaking = Vec::with_capacity(BREAKING_LINES_COUNT);
        for _ in 0..BREAKING_LINES_COUNT {
            breaking.push(Arc::new(Proxy::before(server).await?));
        }
        Ok(Lines { good, breaking })
    }
    /// The line of a phone.
    pub(super) fn of(&self, number: usize) -> Arc<Proxy> {
        match breaks(number) {
            true => Arc::clone(&self.breaking[number / BREAKING_EVERY_COUNT % BREAKING_LINES_COUNT]),
            false => Arc::clone(&self.good),
        }
    }
    /// How many lines broke.
    pub(super) fn breaks_count(&self) -> u64 {
        self.breaking.iter().map(|line| line.breaks_count()).sum()
    }
    /// TCP payload that went up and came down, in bytes.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let all = || self.breaking.iter().chain([&self.good]);
        (all().map(|line| line.up_bytes()).sum(), all().map(|line| line.down_bytes()).sum())
    }
}

fn breaks(number: usize) -> bool {
    number % BREAKING_EVERY_COUNT == 2
}

/// Everybody comes back and sends what was saved.
pub(super) async fn come_back(
    members: Vec<Member>,
    now_ms: i64,
    progress: &Progress,
) -> Result<Vec<Member>, DemoError> {
    let bar = progress.step("回到网络并同步 back in the network", members.len());
    let members = fleet::each(members, WORKERS_COUNT, |member| {
        let bar = bar.clone();
        async move {
            member.phone.clock.set(now_ms);
            let member = sync_through(member).await;
            bar.inc(1);
            member
        }
    })
    .await?;
    bar.finish();
    Ok(members)
}

/// Everybody syncs until nothing moves.
pub(super) async fn until_all_agree(mut members: Vec<Member>, progress: &Progress) -> Result<Vec<Member>, DemoError> {
    let bar = progress.step("直到两端一致 until all agree", ROUNDS_MAX_COUNT);
    for _ in 0..ROUNDS_MAX_COUNT {
        let mut moved_count = 0;
        for member in &mut members {
            let report = member.sync().await?;
            moved_count += report.pushed_count + report.pulled_count;
        }
        bar.inc(1);
        if moved_count == 0 {
            break;
        }
    }
    bar.finish();
    Ok(members)
}

/// Syncs until one sync runs to its end. A line that breaks is whole again for the next try.
async fn sync_through(mut member: Member) -> Result<Member, FleetError> {
    if breaks(member.number) {
        let bytes =
            Dice::of(SEED ^ 1, member.number as u64).between(*BREAKS_AFTER_BYTES.start(), *BREAKS_AFTER_BYTES.end());
        member.proxy.break_after(bytes as u64);
    }
    let mut tries_count = 0;
    loop {
        tries_count += 1;
        match member.sync().await {
            Ok(_) => {
                member.proxy.heal();
                return Ok(member);
            }
            Err(error) if tries_count == TRIES_MAX_COUNT => return Err(error.into()),
            Err(_) => {
                member.proxy.heal();
                if (member.number / BREAKING_EVERY_COUNT).is_multiple_of(KILLED_EVERY_COUNT) {
                    member = fleet::at_work(member, |member| {
                        member.phone.kill()?;
                        Ok(member.phone.reopen()?)
                    })
                    .await?;
                }
            }
        }
    }
}
