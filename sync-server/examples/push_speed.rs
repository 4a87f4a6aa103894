//! How long the server takes over 2,000 visits up and down, in process: no sockets, one phone.
//!
//! `cargo run --release -p zoufang-sync-server --example push_speed -- w2000.jsonl` (workload W of the benchmark).
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

#[path = "../tests/support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::time::Instant;
use support::{World, create, gzip};
use zoufang_domain::operation::Operation;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::PushAnswer;
use zoufang_sync_server::device::{self, Sightings};
use zoufang_sync_server::ledger::{self, Incoming};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for _ in 0..5 {
        runtime.block_on(once());
    }
}

async fn once() {
    let path = std::env::args().nth(1).expect("the path of w2000.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut reader = world.phone(world.a, Role::Auxiliary).await;
    let operations: Vec<Operation> = text.lines().map(|line| visit(&mut phone, line)).collect();
    let plain_bytes: usize = operations.iter().map(|one| serde_json::to_string(one).unwrap().len()).sum();
    let texts: Vec<String> = operations.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    let bodies: Vec<String> = texts.chunks(500).map(|chunk| phone.batch(chunk)).collect();
    let requests: Vec<_> = bodies.iter().map(|body| phone.push_request(body)).collect();
    let up_bytes: usize = bodies.iter().map(|body| gzip(body.as_bytes()).len()).sum();

    let (cpu, wall) = (cpu_us(), Instant::now());
    for request in requests {
        let _: PushAnswer = world.call(request).await.ok();
    }
    let (push_cpu, push_us) = (cpu_us() - cpu, wall.elapsed().as_micros());

    let (cpu, wall) = (cpu_us(), Instant::now());
    let (mut down_bytes, mut pages, mut down_plain) = (0, 0, 0);
    loop {
        let answer = reader.try_pull(&world, reader.cursor.as_deref(), false).await;
        (down_bytes, pages, down_plain) =
            (down_bytes + answer.encoded_bytes, pages + 1, down_plain + answer.body.len());
        let tail = answer.body.rsplit(|byte| *byte == b']').next().unwrap();
        let tail: Value = serde_json::from_str(&format!("{{{}", String::from_utf8_lossy(tail).trim_start_matches(',')))
            .unwrap_or(json!({}));
        let page: Value = if tail["cursor"].is_string() { tail } else { answer.json() };
        reader.cursor = page["cursor"].as_str().map(str::to_owned);
        if page["complete"] == true {
            break;
        }
    }
    let (pull_cpu, pull_us) = (cpu_us() - cpu, wall.elapsed().as_micros());

    let wall = Instant::now();
    for _ in 0..100 {
        reader.try_pull(&world, reader.cursor.as_deref(), false).await;
    }
    let idle_us = wall.elapsed().as_micros() / 100;
    let n = operations.len() as f64;
    println!(
        "{}",
        json!({
            "push_us_per_op": push_us as f64 / n, "push_cpu_us_per_op": push_cpu / n, "pull_us_per_record": pull_us as f64 / n,
            "pull_cpu_us_per_record": pull_cpu / n, "idle_pull_us": idle_us as f64, "plain_bytes": plain_bytes, "up_bytes": up_bytes,
            "down_plain": down_plain, "down_bytes": down_bytes, "pages": pages
        })
    );
    steps(&bodies).await;
    levels(&world, &reader);
}

/// A page by compression level: size against time.
fn levels(world: &World, reader: &support::Phone) {
    use std::io::Write;
    let page = world
        .app
        .store
        .read(|c| {
            let device = device::find(c, reader.device)?.unwrap();
            let wanted = zoufang_sync_server::pull::Wanted {
                page_bytes: 512 << 10,
                ..zoufang_sync_server::pull::Wanted::since(None)
            };
            zoufang_sync_server::pull::page(c, world.now_ms(), &device, wanted)
        })
        .unwrap();
    let shown: Vec<String> = (1..=7)
        .map(|level| {
            let at = Instant::now();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(&page.json).unwrap();
            let bytes = encoder.finish().unwrap().len();
            let share = bytes as f64 / page.json.len() as f64 * 100.0;
            format!("{level}: {share:.1} % in {} µs", at.elapsed().as_micros())
        })
        .collect();
    println!("  a page of {} bytes by level: {}", page.json.len(), shown.join("; "));
}

/// The same pushes step by step, on another database.
async fn steps(bodies: &[String]) {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let (mut inflate_us, mut read_us, mut accept_us, mut count) = (0, 0, 0, 0);
    let device = world.app.store.read(|c| device::find(c, phone.device)).unwrap().unwrap();
    for body in bodies {
        // The texts hold another phone's ids; this one signs them anew as its own.
        let batch: Value = serde_json::from_str(body).unwrap();
        let mut texts = Vec::new();
        for operation in batch["operations"].as_array().unwrap() {
            let mut operation: Operation = serde_json::from_value(operation.clone()).unwrap();
            (operation.staff, operation.area) = (phone.staff, phone.area);
            texts.push(serde_json::to_string(&operation).unwrap());
        }
        let body = phone.batch(&texts);
        let (encoded, signature) =
            (gzip(body.as_bytes()), zoufang_sync_server::signature::from_base64(&phone.sign(body.as_bytes())).unwrap());
        let at = Instant::now();
        let text = ledger::inflate(&encoded, 8 << 20).unwrap();
        inflate_us += at.elapsed().as_micros();
        let at = Instant::now();
        let incoming =
            Incoming::read(&device, std::str::from_utf8(&text).unwrap(), Some(&encoded), &signature).unwrap();
        read_us += at.elapsed().as_micros();
        let at = Instant::now();
        ledger::receive(&world.app.store, world.now_ms(), device.id, &incoming, &Sightings::default()).unwrap();
        accept_us += at.elapsed().as_micros();
        count += texts.len();
    }
    let per = |us: u128| us as f64 / count as f64;
    println!(
        "  per operation: inflate {:.2} µs, read and verify {:.2} µs, accept and commit {:.2} µs",
        per(inflate_us),
        per(read_us),
        per(accept_us)
    );
}

fn visit(phone: &mut support::Phone, line: &str) -> Operation {
    let row: Value = serde_json::from_str(line).unwrap();
    let id = row["id"].as_str().unwrap().parse().unwrap();
    let fields = json!({
        "household": row["household_id"], "staff": [phone.staff], "started_at": row["visited_at"], "mode": "door", "outcome": "done",
        "duties": ["information"], "note": row["note"], "needs_follow_up": row["needs_follow_up"], "location": row["location"]
    });
    phone.op(Kind::Visit, id, create(fields))
}

/// CPU time of this process, microseconds.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: f64 = stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0);
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let all: f64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()))
        .sum();
    all.max(own) / 1000.0
}
