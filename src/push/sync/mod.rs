//! Several tables in one go: all are proved, then each is sent in its turn.

mod course;
mod end;
mod prove;
mod table;

pub(crate) use self::course::send_all;
pub(crate) use self::end::End;

pub(crate) use self::prove::prove_all;
pub(crate) use self::table::SyncTable;
