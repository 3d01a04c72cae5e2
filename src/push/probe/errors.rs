//! How the service refuses: what `GET /v2/data-structures` says to the key, and what is wrong looks like.

use std::time::Duration;

use super::finding::Finding;
use super::lab::{Lab, REST, refused, told};
use super::sheet;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::service::facts::Refused;
use crate::service::{CallError, Reply};

/// A table that nobody has.
const NO_TABLE: &str = "qobra_push_probe_no_such_table";

/// An import that nobody has, of the documented form.
const NO_IMPORT: &str = "000000000000000000000000";

/// What is asked that may be refused.
enum Asked {
    Structures,
    WithWrongKey,
    OfWrongTable(TableKey),
    UnknownImport(ImportId),
}

impl Asked {
    /// Whether a refusal with this status is about what is wrong here. Requests that are too many in a time
    /// have other ones.
    fn is_usual(&self, status: u16) -> bool {
        match self {
            Self::Structures => false,
            Self::WithWrongKey => status == 401,
            Self::OfWrongTable(_) => status == 404,
            Self::UnknownImport(_) => matches!(status, 404 | 410),
        }
    }
}

impl Lab {
    pub(super) async fn errors(&mut self) {
        self.tell("asking with a wrong key, for a wrong table, for an unknown import");
        let known = self.known_import().await;
        let structures = self.asked(&Asked::Structures).await;
        let doubt = self
            .doubt(&Asked::Structures, &structures, known.as_ref())
            .await;
        self.structures(&structures, doubt);
        let asked = Asked::WithWrongKey;
        self.facts.wrong_key = self.refusal("wrong_key", &asked, known.as_ref()).await;
        if let Ok(table) = TableKey::new(NO_TABLE) {
            let asked = Asked::OfWrongTable(table);
            self.facts.wrong_table = self.refusal("wrong_table", &asked, known.as_ref()).await;
        }
        if let Some(import) = ImportId::new(NO_IMPORT) {
            let asked = Asked::UnknownImport(import);
            self.facts.unknown_import =
                self.refusal("unknown_import", &asked, known.as_ref()).await;
        }
    }

    /// An import that can be looked at.
    async fn known_import(&self) -> Option<ImportId> {
        let plain = self.push(Mode::Upsert, &self.sheet.some("plain", 1)).await;
        let watched = self.watch_pushed(&[&plain], Duration::ZERO).await;
        let known = watched.into_iter().find(|one| one.seen.is_some())?;
        Some(known.id)
    }

    async fn asked(&self, asked: &Asked) -> Result<Reply, CallError> {
        let body = || sheet::body(&[self.sheet.record("stray")]);
        match asked {
            Asked::Structures => self.exchange.structures().await,
            Asked::WithWrongKey => {
                (self.exchange)
                    .push_with_wrong_key(&self.table, Mode::Upsert, body())
                    .await
            }
            Asked::OfWrongTable(table) => self.exchange.push(table, Mode::Upsert, body()).await,
            Asked::UnknownImport(import) => self.exchange.import(import).await,
        }
    }

    /// Why a refusal may be about something else. A service that counts requests in a time refuses some of
    /// them, too: the same is refused again behind a rest, and what is right is taken right after it.
    async fn doubt(
        &self,
        asked: &Asked,
        reply: &Result<Reply, CallError>,
        known: Option<&ImportId>,
    ) -> Option<String> {
        let status = refused(reply)?.status;
        if !asked.is_usual(status) {
            self.pace.sleep(REST).await;
            let again = self.asked(asked).await;
            if refused(&again).is_none_or(|again| again.status != status) {
                return Some(format!(
                    "the second time it was another answer: {}",
                    told(&again)
                ));
            }
        }
        if matches!(asked, Asked::WithWrongKey | Asked::OfWrongTable(_)) {
            let plain = self.push(Mode::Upsert, &self.sheet.some("plain", 1)).await;
            self.watch_pushed(&[&plain], Duration::ZERO).await;
            let doubt = || format!("what is right was refused, too: {}", plain.told());
            return plain.taken().is_none().then(doubt);
        }
        let Some(known) = known else {
            return Some("no import could be looked at".to_owned());
        };
        let right = self.exchange.import(known).await;
        let is_taken = right.as_ref().is_ok_and(Reply::is_success);
        (!is_taken).then(|| format!("what is right was refused, too: {}", told(&right)))
    }

    async fn refusal(
        &mut self,
        name: &'static str,
        asked: &Asked,
        known: Option<&ImportId>,
    ) -> Option<Refused> {
        let reply = self.asked(asked).await;
        let doubt = self.doubt(asked, &reply, known).await;
        let refused = refused(&reply).filter(|_| doubt.is_none());
        self.find(match &refused {
            Some(refused) => Finding::settled(name, refused, told(&reply)),
            None => Finding::open(
                name,
                format!("no refusal that says what is wrong: {}", told(&reply)),
            )
            .seen(doubt),
        });
        refused
    }

    fn structures(&mut self, reply: &Result<Reply, CallError>, doubt: Option<String>) {
        let name = "structures";
        let json = reply.as_ref().ok().and_then(|reply| reply.json.as_ref());
        let finding = match (reply, json) {
            (Ok(reply), Some(list)) if reply.status == 200 && list.get("data").is_some() => {
                let list = list.to_string();
                let quoted = serde_json::Value::from(self.table.as_str()).to_string();
                let names = match list.contains(&quoted) {
                    true => "names this table",
                    false => "does not name this table",
                };
                self.facts.structures = Some(200);
                Finding::settled(
                    name,
                    200,
                    format!("200: this key may read it, and it {names}"),
                )
            }
            _ => match refused(reply).filter(|_| doubt.is_none()) {
                Some(refused) => {
                    self.facts.structures = Some(refused.status);
                    Finding::settled(name, refused.status, told(reply))
                }
                None => Finding::open(name, told(reply)).seen(doubt),
            },
        };
        self.find(finding);
    }
}
