//! News of a change.

use crate::words::RecordKind;
use uuid::Uuid;
use zoufang_core::changes::{ChangeSet, IDS_MAX_COUNT};

/// What changed on the phone. It carries kinds and ids, never content.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Change {
    /// Kinds of records that changed.
    pub kinds: Vec<RecordKind>,
    /// The records. Empty although there are kinds: any of those kinds, so read the lists anew.
    pub ids: Vec<Uuid>,
    /// Drafts changed.
    pub drafts: bool,
    /// The sync status changed.
    pub status: bool,
}

impl From<&ChangeSet> for Change {
    fn from(change: &ChangeSet) -> Self {
        Change {
            kinds: change.kinds.iter().copied().collect(),
            ids: change.ids.clone(),
            drafts: change.drafts,
            status: change.status,
        }
    }
}

/// Two changes told as one. It names at least what each of them named.
pub(crate) fn merged(mut before: Change, next: Change) -> Change {
    let is_any = |change: &Change| change.ids.is_empty() && !change.kinds.is_empty();
    let any = is_any(&before) || is_any(&next);
    add_new(&mut before.kinds, next.kinds);
    add_new(&mut before.ids, next.ids);
    if any || before.ids.len() > IDS_MAX_COUNT {
        before.ids.clear();
    }
    Change { drafts: before.drafts || next.drafts, status: before.status || next.status, ..before }
}

fn add_new<T: PartialEq>(known: &mut Vec<T>, next: Vec<T>) {
    for one in next {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kinds: &[RecordKind], ids: impl Iterator<Item = u128>) -> Change {
        Change { kinds: kinds.to_vec(), ids: ids.map(Uuid::from_u128).collect(), drafts: false, status: true }
    }

    #[test]
    fn a_merged_change_names_all_or_says_any() {
        let both = merged(change(&[RecordKind::Visit], 1..3), change(&[RecordKind::Visit, RecordKind::Matter], 2..4));
        assert_eq!(both, change(&[RecordKind::Visit, RecordKind::Matter], 1..4));
        let any = merged(change(&[RecordKind::Visit], 0..0), change(&[RecordKind::Matter], 2..4));
        assert_eq!(any, change(&[RecordKind::Visit, RecordKind::Matter], 0..0));
        let many = merged(change(&[RecordKind::Visit], 0..60), change(&[RecordKind::Visit], 60..120));
        assert_eq!(many, change(&[RecordKind::Visit], 0..0));
        let drafts = Change { kinds: vec![], ids: vec![], drafts: true, status: false };
        assert_eq!(merged(drafts, change(&[RecordKind::Visit], 1..3)).ids.len(), 2);
    }
}
