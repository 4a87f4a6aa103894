//! Whether each operation of a phone is on the server exactly once, word for word.

use std::collections::BTreeMap;
use std::io::Read;
use zoufang_core::Error;
use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_domain::ids::DeviceId;
use zoufang_domain::operation::Operation;
use zoufang_domain::wire::push::Batch;
use zoufang_sync_server::store::{Connection, Store, StoreError};
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::SeededIds;

/// The operations of a device by counter: JSON as it was made and signed.
pub(crate) type Operations = BTreeMap<i64, String>;

/// What a phone's outbox holds, sent and unsent.
pub(crate) fn of_phone(phone: &Phone, key_name: &str) -> Operations {
    let options = OpenOptions { key_name: key_name.to_owned(), ..OpenOptions::new(phone.path(), MIGRATIONS) };
    let database = Database::open(&options, phone.vault(), &SeededIds::of(0, 0)).unwrap();
    let read = database.read::<_, Error, _>(|c| {
        let mut operations = c.prepare("SELECT counter, body FROM operation")?;
        Ok(operations.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    });
    read.unwrap()
}

/// What the server's ledger lists of a device, taken from the batches that it names.
///
/// # Errors
/// What is listed twice, or named and not there.
pub(crate) fn of_server(store: &Store, device: DeviceId) -> Result<Operations, String> {
    let (listed, batches) = store.read::<_, StoreError>(|c| Ok((listed(c, device)?, batches(c, device)?))).unwrap();
    taken_from(&batches, &listed)
}

fn taken_from(batches: &BTreeMap<i64, Operations>, listed: &[(i64, i64)]) -> Result<Operations, String> {
    let mut operations = Operations::new();
    for (counter, batch) in listed {
        let held = batches.get(batch).and_then(|held| held.get(counter));
        let body = held.ok_or_else(|| format!("operation {counter} is not in the batch that is named for it"))?;
        if operations.insert(*counter, body.clone()).is_some() {
            return Err(format!("operation {counter} is listed twice"));
        }
    }
    Ok(operations)
}

fn listed(c: &Connection, device: DeviceId) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut rows = c.prepare("SELECT counter, batch FROM ledger_operation WHERE device = ?")?;
    Ok(rows.query_map([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

fn batches(c: &Connection, device: DeviceId) -> Result<BTreeMap<i64, Operations>, StoreError> {
    let mut rows = c.prepare("SELECT id, body FROM ledger_batch WHERE device = ?")?;
    let packed: Vec<(i64, Vec<u8>)> =
        rows.query_map([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(packed.into_iter().map(|(id, body)| (id, unpacked(&body))).collect())
}

fn unpacked(body: &[u8]) -> Operations {
    let mut text = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut text).unwrap();
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap();
    let read = |raw: &str| serde_json::from_str::<Operation>(raw).ok().map(|one| (one.counter as i64, raw.to_owned()));
    batch.operations.iter().filter_map(|raw| read(raw.get())).collect()
}

/// The difference between what a phone made and what the server lists, in words; `None` when there is none.
pub(crate) fn apart(phone: &Operations, server: &Result<Operations, String>) -> Option<String> {
    let server = match server {
        Ok(server) => server,
        Err(problem) => return Some(problem.clone()),
    };
    let lost = phone.keys().filter(|counter| !server.contains_key(*counter)).count();
    let altered =
        phone.iter().filter(|(counter, body)| server.get(*counter).is_some_and(|there| there != *body)).count();
    let strange = server.keys().filter(|counter| !phone.contains_key(*counter)).count();
    let differs = lost + altered + strange > 0;
    differs.then(|| format!("of {} operations {lost} lost, {altered} altered; {strange} that nobody made", phone.len()))
}

#[test]
fn a_lost_and_an_altered_operation_are_seen() {
    let phone = Operations::from([(1, "{\"n\":1}".to_owned()), (2, "{\"n\":2}".to_owned())]);
    assert_eq!(apart(&phone, &Ok(phone.clone())), None);
    let mut server = phone.clone();
    server.remove(&2);
    assert!(apart(&phone, &Ok(server.clone())).unwrap().contains("1 lost, 0 altered"));
    server.insert(2, "{\"n\":2,\"x\":0}".to_owned());
    server.insert(3, "{\"n\":3}".to_owned());
    assert!(apart(&phone, &Ok(server)).unwrap().contains("0 lost, 1 altered; 1 that nobody made"));
    let batches = BTreeMap::from([(7, phone.clone())]);
    assert_eq!(taken_from(&batches, &[(1, 7), (2, 7)]), Ok(phone));
    assert!(taken_from(&batches, &[(1, 7), (1, 7)]).unwrap_err().contains("twice"));
    assert!(taken_from(&batches, &[(3, 7)]).is_err() && taken_from(&batches, &[(1, 8)]).is_err());
}
