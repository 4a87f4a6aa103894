//! What calls promised when they returned: every piece of work bears a word of its own that must be found again, once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zoufang_domain::ids::VisitId;

/// With this every word begins. It must appear in no log, in no file that is not opened with its key, and in no answer to somebody
/// without a post in the area that follows.
pub(crate) const MARK: &str = "金丝雀";

/// How each word of an area begins.
pub(crate) fn word_of_area(area: usize) -> String {
    format!("{MARK}·{area}·")
}

/// One piece of work that a call took.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    /// `金丝雀·area·phone·number·`.
    pub(crate) word: String,
    pub(crate) phone: usize,
    pub(crate) visit: Option<VisitId>,
    /// False when the call did not return: a power cut, or a disk that failed. It may be there or not.
    pub(crate) is_sure: bool,
}

/// All that was promised. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Promises(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    made: Vec<Promise>,
    words_count: u64,
}

impl Promises {
    /// A word for the next piece of work.
    pub(crate) fn word(&self, area: usize, phone: usize) -> String {
        let mut book = self.book();
        book.words_count += 1;
        format!("{}{phone}·{}·", word_of_area(area), book.words_count)
    }
    /// A call returned.
    pub(crate) fn took(&self, word: &str, phone: usize, visit: Option<VisitId>) {
        self.book().made.push(Promise { word: word.to_owned(), phone, visit, is_sure: true });
    }
    /// A call was begun and did not say that it succeeded.
    pub(crate) fn may_have_taken(&self, word: &str, phone: usize) {
        self.book().made.push(Promise { word: word.to_owned(), phone, visit: None, is_sure: false });
    }
    pub(crate) fn count(&self) -> usize {
        self.book().made.len()
    }
    /// What was taken from that moment on is no longer sure.
    pub(crate) fn doubt_from(&self, count: usize) {
        self.book().made[count..].iter_mut().for_each(|promise| promise.is_sure = false);
    }
    pub(crate) fn all(&self) -> Vec<Promise> {
        self.book().made.clone()
    }
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
