//! How the service refuses: what `GET /v2/data-structures` says to the key, and what is wrong looks like.

use super::finding::Finding;
use super::lab::{Lab, refused, told};
use crate::base::model::{ImportId, Mode, TableKey};
use crate::service::facts::Refused;
use crate::service::{CallError, Reply};

/// A table that nobody has.
const NO_TABLE: &str = "qobra_push_probe_no_such_table";

/// An import that nobody has, of the documented form.
const NO_IMPORT: &str = "000000000000000000000000";

impl Lab {
    pub(super) async fn errors(&mut self) {
        self.tell("asking with a wrong key, for a wrong table, for an unknown import");
        let structures = self.exchange.structures().await;
        self.structures(&structures);
        let record = [self.sheet.record("stray")];
        let body = super::sheet::body(&record);
        let stray = (self.exchange)
            .push_with_wrong_key(&self.table, Mode::Upsert, body.clone())
            .await;
        self.facts.wrong_key = self.refusal("wrong_key", &stray);
        if let Ok(table) = TableKey::new(NO_TABLE) {
            let stray = self.exchange.push(&table, Mode::Upsert, body).await;
            self.facts.wrong_table = self.refusal("wrong_table", &stray);
        }
        if let Some(import) = ImportId::new(NO_IMPORT) {
            let stray = self.exchange.import(&import).await;
            self.facts.unknown_import = self.refusal("unknown_import", &stray);
        }
    }

    fn refusal(&mut self, name: &'static str, reply: &Result<Reply, CallError>) -> Option<Refused> {
        let refused = refused(reply);
        self.find(match &refused {
            Some(refused) => Finding::settled(name, refused, told(reply)),
            None => Finding::open(
                name,
                format!("no refusal that says what is wrong: {}", told(reply)),
            ),
        });
        refused
    }

    fn structures(&mut self, reply: &Result<Reply, CallError>) {
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
            _ => match refused(reply) {
                Some(refused) => {
                    self.facts.structures = Some(refused.status);
                    Finding::settled(name, refused.status, told(reply))
                }
                None => Finding::open(name, told(reply)),
            },
        };
        self.find(finding);
    }
}
