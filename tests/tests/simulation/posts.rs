//! Who holds which post, beside the server's own book: what decides which answers are leaks.

use crate::plan::{AREAS_COUNT, Office};
use crate::promises::word_of_area;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;
use zoufang_domain::ids::{AssignmentId, StaffId, UnitId};
use zoufang_domain::staff::Role;
use zoufang_sync_server::store::StoreError;
use zoufang_tests::world::Server;

/// The posts of all phones' holders. Clones are the same book.
#[derive(Clone)]
pub(crate) struct Posts(Arc<Mutex<Book>>);

struct Book {
    community: UnitId,
    areas: Vec<UnitId>,
    held: Vec<Held>,
}

#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) staff: StaffId,
    pub(crate) office: Office,
    pub(crate) post: AssignmentId,
    /// Whether it was ever another one.
    pub(crate) was_reassigned: bool,
}

impl Posts {
    pub(crate) fn of(community: UnitId, areas: &[UnitId]) -> Posts {
        Posts(Arc::new(Mutex::new(Book { community, areas: areas.to_vec(), held: Vec::new() })))
    }
    pub(crate) fn begin(&self, server: &Server, name: &str, office: Office) -> StaffId {
        let staff = server.add_staff(name);
        let mut book = self.book();
        let post = book.post(server, staff, office);
        book.held.push(Held { staff, office, post, was_reassigned: false });
        staff
    }
    /// Ends a post and begins one in the next area; a leader stays what they are.
    pub(crate) fn reassign(&self, server: &Server, phone: usize) -> bool {
        let mut book = self.book();
        let held = book.held[phone];
        let next = |area: usize| (area + 1) % AREAS_COUNT;
        let office = match held.office {
            Office::Manager(area) => Office::Manager(next(area)),
            Office::Worker(area) => Office::Worker(next(area)),
            Office::Leader => return false,
        };
        server.end_post(held.post);
        let post = book.post(server, held.staff, office);
        book.held[phone] = Held { office, post, was_reassigned: true, ..held };
        true
    }
    /// What the administrator does after a restore: every post as it was, whatever the backup says.
    pub(crate) fn repeat(&self, server: &Server) {
        let mut book = self.book();
        for at in 0..book.held.len() {
            let held = book.held[at];
            let open = server.app.store.read::<Vec<[u8; 16]>, StoreError>(|c| {
                let mut open = c.prepare("SELECT id FROM assignment WHERE staff = ? AND to_ms IS NULL ORDER BY id")?;
                let ids = open.query_map([held.staff.0.as_bytes()], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            });
            for id in open.expect("the posts of the backup are read") {
                server.end_post(AssignmentId(Uuid::from_bytes(id)));
            }
            book.held[at].post = book.post(server, held.staff, held.office);
        }
    }
    pub(crate) fn held(&self, phone: usize) -> Held {
        self.book().held[phone]
    }
    /// The areas that a phone's holder works in.
    pub(crate) fn areas(&self, phone: usize) -> BTreeSet<UnitId> {
        let book = self.book();
        match book.held[phone].office {
            Office::Manager(area) | Office::Worker(area) => BTreeSet::from([book.areas[area]]),
            Office::Leader => book.areas.iter().copied().chain([book.community]).collect(),
        }
    }
    pub(crate) fn area_number(&self, area: UnitId) -> usize {
        self.book().areas.iter().position(|one| *one == area).unwrap_or(AREAS_COUNT)
    }
    /// Words that no answer to a phone may hold.
    pub(crate) fn forbidden(&self, phone: usize) -> Vec<String> {
        let (own, areas) = (self.areas(phone), self.book().areas.clone());
        let others = areas.into_iter().enumerate().filter(|(_, area)| !own.contains(area));
        others.flat_map(|(number, area)| [area.to_string(), word_of_area(number)]).collect()
    }
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn post(&self, server: &Server, staff: StaffId, office: Office) -> AssignmentId {
        match office {
            Office::Manager(area) => server.post(staff, self.areas[area], Role::MicroGridManager),
            Office::Worker(area) => server.post(staff, self.areas[area], Role::GridWorker),
            Office::Leader => server.post(staff, self.community, Role::GridLeader),
        }
    }
}
