//! Signing in with a name and a password: Argon2id, a lock after wrong tries, sessions that are kept as hashes only.
//!
//! A try is counted before its password is looked at, so a hundred tries at once are no better than five one after the other. A login
//! that nobody has takes the same time and is locked in the same way as a real one, so neither tells which names exist.

use crate::App;
use crate::audit::{self, Actor};
use crate::ports::Random;
use crate::store::{StoreError, id_at};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::Semaphore;
use zoufang_domain::ids::StaffId;

/// Shortest password, in characters.
pub const PASSWORD_MIN_CHARS: usize = 10;
/// Longest password, in characters: Argon2 takes time with its length.
pub const PASSWORD_MAX_CHARS: usize = 128;
/// Wrong tries after which a login is locked.
pub const TRIES_MAX_COUNT: i64 = 5;
/// How long it is locked.
pub const LOCKED_MINUTES: i64 = 15;
/// How long a session lasts, from its beginning: a working day.
pub const SESSION_HOURS: i64 = 10;
/// Passwords that are hashed at once: each takes 19 MiB and about 30 ms of one core.
const HASHES_AT_ONCE_MAX_COUNT: usize = 2;
/// Sign-ins that wait for their turn before further ones are told that the server is busy.
const WAITING_MAX_COUNT: usize = 32;
/// Unknown logins whose tries are remembered.
const UNKNOWN_MAX_COUNT: usize = 10_000;
/// Bytes of a session's token and of what forms carry against forgery.
const TOKEN_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Wrong name or password.
    #[error("wrong name or password")]
    Wrong,
    /// Too many wrong tries; the lock lasts [`LOCKED_MINUTES`].
    #[error("locked for a while")]
    Locked,
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for LoginError {
    fn from(error: rusqlite::Error) -> Self {
        LoginError::Store(error.into())
    }
}

/// A login as it is compared: trimmed, small letters.
pub fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Whether a normal login has the right shape.
pub(super) fn is_well_formed(login: &str) -> bool {
    const CHARS: std::ops::RangeInclusive<usize> = 3..=32;
    CHARS.contains(&login.len()) && login.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
}

/// Whether a password may be set.
pub fn is_acceptable(password: &str) -> bool {
    (PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS).contains(&password.chars().count())
}

/// A password nobody has to think up: 20 letters and digits without look-alikes, 98 bits.
pub fn generate(random: &dyn Random) -> String {
    const ALPHABET: &[u8; 30] = b"abcdefghjkmnpqrstvwxyz23456789";
    const GROUPS_COUNT: usize = 4;
    const GROUP_CHARS: usize = 5;
    let mut letters = Vec::with_capacity(GROUPS_COUNT * GROUP_CHARS);
    while letters.len() < GROUPS_COUNT * GROUP_CHARS {
        let mut byte = [0];
        random.fill(&mut byte);
        // 240 is the largest multiple of 30 below 256: what lies above would make the first letters more likely.
        if byte[0] < 240 {
            letters.push(char::from(ALPHABET[usize::from(byte[0]) % ALPHABET.len()]));
        }
    }
    letters.chunks(GROUP_CHARS).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A password's Argon2id hash, as a PHC string. Takes 19 MiB and tens of milliseconds: on a thread that may block.
pub fn hash(random: &dyn Random, password: &str) -> String {
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt);
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.expect("the default parameters and a salt of 16 bytes are valid").to_string()
}

fn verify(password: &str, hash: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// A hash that no password has: what is checked when nobody has that login, so that it takes the same time.
fn nobodys_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let hashed = Argon2::default().hash_password_with_salt(b"", &[0; SALT_BYTES]);
        hashed.expect("the default parameters and a salt of 16 bytes are valid").to_string()
    })
}

/// Tries of one login.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    failed_count: i64,
    locked_until_ms: Option<i64>,
}

impl Tries {
    /// Counts a try before it is looked at. `None` when the login is locked.
    fn begin(self, now_ms: i64) -> Option<Tries> {
        let failed_count = match self.locked_until_ms {
            Some(until_ms) if now_ms < until_ms => return None,
            Some(_) => 1,
            None => self.failed_count + 1,
        };
        let locked_until_ms = (failed_count >= TRIES_MAX_COUNT).then_some(now_ms + LOCKED_MINUTES * 60_000);
        Some(Tries { failed_count, locked_until_ms })
    }
}

/// The door that everybody signs in through. One per server.
pub struct Door {
    turn: Semaphore,
    line: Semaphore,
    unknown: Mutex<HashMap<String, Tries>>,
}

impl Default for Door {
    fn default() -> Self {
        Door {
            turn: Semaphore::new(HASHES_AT_ONCE_MAX_COUNT),
            line: Semaphore::new(WAITING_MAX_COUNT),
            unknown: Mutex::default(),
        }
    }
}

/// What the store knows of a login when a try begins.
struct Known {
    staff: StaffId,
    hash: String,
    last_try: bool,
}

impl Door {
    /// Signs in. Counts the try first, then checks the password, then begins a session.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn sign_in(&self, app: &Arc<App>, login: &str, password: &str) -> Result<NewSession, LoginError> {
        let _in_line = self.line.try_acquire().map_err(|_| LoginError::Busy)?;
        let _turn = self.turn.acquire().await.map_err(|_| LoginError::Busy)?;
        let (login, password, now_ms) = (normal(login), password.to_owned(), app.now_ms());
        if password.chars().count() > PASSWORD_MAX_CHARS {
            return Err(LoginError::Wrong);
        }
        let name = login.clone();
        let known = app.store.write_async(move |tx| begin_try(tx, now_ms, &name)).await?;
        let last_try = match &known {
            Some(known) => known.last_try,
            None => self.begin_unknown(&login, now_ms)?,
        };
        let (staff, hash) = known.map_or((None, nobodys_hash().to_owned()), |it| (Some(it.staff), it.hash));
        let right = crate::store::blocking(move || verify(&password, &hash)).await;
        match staff {
            Some(staff) if right => {
                let session = NewSession::draw(app.random.as_ref(), staff, now_ms);
                let kept = session.clone();
                app.store.write_async(move |tx| kept.begin(tx, now_ms)).await?;
                Ok(session)
            }
            _ if last_try => Err(LoginError::Locked),
            _ => Err(LoginError::Wrong),
        }
    }

    fn begin_unknown(&self, login: &str, now_ms: i64) -> Result<bool, LoginError> {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() >= UNKNOWN_MAX_COUNT && !unknown.contains_key(login) {
            unknown.clear();
        }
        let tries = unknown.entry(login.to_owned()).or_default();
        *tries = tries.begin(now_ms).ok_or(LoginError::Locked)?;
        Ok(tries.locked_until_ms.is_some())
    }
}

fn begin_try(tx: &Transaction<'_>, now_ms: i64, login: &str) -> Result<Option<Known>, LoginError> {
    let sql = "SELECT id, password_hash, failed_count, locked_until_ms FROM staff
               WHERE login = ?1 AND password_hash IS NOT NULL AND closed_ms IS NULL";
    let found = tx.prepare_cached(sql)?.query_row([login], |row| {
        let tries = Tries { failed_count: row.get(2)?, locked_until_ms: row.get(3)? };
        Ok((StaffId(id_at(row, 0)?), row.get::<_, String>(1)?, tries))
    });
    let Some((staff, hash, tries)) = found.optional()? else { return Ok(None) };
    let tries = tries.begin(now_ms).ok_or(LoginError::Locked)?;
    let sql = "UPDATE staff SET failed_count = ?2, locked_until_ms = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((staff.as_bytes(), tries.failed_count, tries.locked_until_ms))?;
    let last_try = tries.locked_until_ms.is_some();
    if last_try {
        audit::write(tx, now_ms, Actor::Staff(staff), "login.fifth_try", &staff.to_string())?;
    }
    Ok(Some(Known { staff, hash, last_try }))
}

/// A session that has just begun: the only moment at which its token is known.
#[derive(Clone)]
pub struct NewSession {
    /// Whose.
    pub staff: StaffId,
    /// What the browser keeps.
    pub token: String,
    /// What forms carry.
    pub csrf: String,
    /// When it ends.
    pub expires_ms: i64,
}

impl NewSession {
    fn draw(random: &dyn Random, staff: StaffId, now_ms: i64) -> Self {
        let expires_ms = now_ms + SESSION_HOURS * 3_600_000;
        NewSession { staff, token: draw_token(random), csrf: draw_token(random), expires_ms }
    }

    fn begin(&self, tx: &Transaction<'_>, now_ms: i64) -> Result<(), LoginError> {
        let sql = "UPDATE staff SET failed_count = 0, locked_until_ms = NULL WHERE id = ?1";
        tx.prepare_cached(sql)?.execute([self.staff.as_bytes()])?;
        tx.prepare_cached("DELETE FROM web_session WHERE expires_ms <= ?1")?.execute([now_ms])?;
        let sql = "INSERT INTO web_session (token_hash, staff, expires_ms, csrf) VALUES (?1, ?2, ?3, ?4)";
        let hash = token_hash(&self.token);
        tx.prepare_cached(sql)?.execute((hash, self.staff.as_bytes(), self.expires_ms, &self.csrf))?;
        audit::write(tx, now_ms, Actor::Staff(self.staff), "web_session.begun", &self.staff.to_string())?;
        Ok(())
    }
}

/// Random text for a token: 32 bytes, 43 characters.
pub fn draw_token(random: &dyn Random) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A session that stands.
#[derive(Clone, Debug)]
pub struct WebSession {
    /// Whose.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// What forms must carry.
    pub csrf: String,
}

/// The session of a token, while it lasts and its holder is on the staff.
///
/// # Errors
/// What the store says.
pub fn session(c: &Connection, token: &str, now_ms: i64) -> Result<Option<WebSession>, StoreError> {
    let sql =
        "SELECT staff.id, staff.name, web_session.csrf FROM web_session JOIN staff ON staff.id = web_session.staff
               WHERE web_session.token_hash = ?1 AND web_session.expires_ms > ?2 AND staff.closed_ms IS NULL";
    let found = c.prepare_cached(sql)?.query_row((token_hash(token), now_ms), |row| {
        Ok(WebSession { staff: StaffId(id_at(row, 0)?), name: row.get(1)?, csrf: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// Ends a session.
///
/// # Errors
/// What the store says.
pub fn end_session(tx: &Transaction<'_>, token: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM web_session WHERE token_hash = ?1")?.execute([token_hash(token)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemRandom;

    #[test]
    fn five_tries_then_a_quarter_of_an_hour() {
        let mut tries = Tries::default();
        for _ in 0..TRIES_MAX_COUNT {
            tries = tries.begin(1_000).unwrap();
        }
        assert!(tries.begin(1_000 + 15 * 60_000 - 1).is_none());
        let again = tries.begin(1_000 + 15 * 60_000).unwrap();
        assert_eq!((again.failed_count, again.locked_until_ms), (1, None));
    }

    #[test]
    fn hashes_are_argon2id_salted_and_checked() {
        let [one, two] = [(); 2].map(|()| hash(&SystemRandom, "correct horse"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != two);
        assert!(verify("correct horse", &one) && !verify("wrong horse", &one));
    }

    #[test]
    fn logins_and_passwords_have_a_shape() {
        assert!(is_well_formed(&normal(" Wang.Li ")) && !is_well_formed("王") && !is_well_formed("ab"));
        let password = generate(&SystemRandom);
        assert!(is_acceptable(&password) && password.len() == 23 && !is_acceptable("short"), "{password}");
    }
}
