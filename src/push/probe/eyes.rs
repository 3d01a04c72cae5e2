//! What only Qobra's page shows: records are prepared for it, and somebody is asked what they look like.

use serde_json::json;

use super::finding::Finding;
use super::lab::Lab;
use super::loaded::Seen;
use super::look::{Look, Means};
use super::sheet::{FieldKind, NO_FIELD, ProbedField, Sheet};
use crate::base::display;
use crate::service::facts::{Effect, Percentage, Strange};

/// Somebody nobody knows; the domain `.invalid` never is one (RFC 2606).
const NOBODY: &str = "qobra-push-probe@example.invalid";

impl Lab {
    /// A record with a field that the table does not have.
    pub(super) async fn unknown_field(&mut self) -> Option<Look> {
        self.tell("pushing a record with a field that the table does not have");
        let record = self.sheet.with("unknown-field", json!({ NO_FIELD: "1" }));
        let asked = format!(
            "Is the record {} there, and with a field {NO_FIELD}?",
            Sheet::id("unknown-field")
        );
        let seen = self.loaded(&[record]).await;
        self.strange("unknown_field", seen, asked)
    }

    /// Updates of a record by null, an empty text, nothing.
    pub(super) async fn effects(&mut self) -> Vec<Look> {
        const NAMES: [&str; 3] = ["null", "empty_text", "missing"];
        let fields: Vec<ProbedField> = self.sheet.fields.clone();
        let mut why = "name a field that may be written to: --fields amount".to_owned();
        for field in fields {
            self.tell(&format!(
                "emptying the field {}",
                display::quoted(&field.key)
            ));
            let whole =
                NAMES.map(|name| self.sheet.with(name, json!({ &field.key: field.good() })));
            match self.loaded(&whole).await {
                Seen::Loaded => return self.emptied(&field, NAMES).await,
                Seen::Rejected(said) | Seen::Doubtful(said) | Seen::Unclear(said) => {
                    why = format!(
                        "the field {} took no value: {said}",
                        display::quoted(&field.key)
                    );
                }
            }
        }
        for name in NAMES {
            self.find(Finding::open(name, why.clone()));
        }
        Vec::new()
    }

    async fn emptied(&mut self, field: &ProbedField, names: [&'static str; 3]) -> Vec<Look> {
        let mut looks = Vec::new();
        let values = [
            json!({ &field.key: null }),
            json!({ &field.key: "" }),
            json!({}),
        ];
        for (name, value) in names.into_iter().zip(values) {
            let record = self.sheet.with(name, value);
            match self.loaded(&[record]).await {
                Seen::Rejected(said) => {
                    Means::Effect(Effect::Rejected).note(name, &mut self.facts);
                    let words = "the record is left out, with an error";
                    self.find(Finding::settled(name, Effect::Rejected, words).seen([said]));
                }
                Seen::Unclear(why) => self.find(Finding::open(name, why)),
                // Where the record was left out, its field has what it had, too: eyes could not tell.
                Seen::Doubtful(said) => {
                    let why =
                        format!("the import has an error, and may have loaded the record: {said}");
                    self.find(Finding::open(name, why));
                }
                Seen::Loaded => looks.push(Look {
                    name,
                    asked: format!(
                        "The record {} had {} in {}, and then {}. What is in it now?",
                        Sheet::id(name),
                        field.good(),
                        display::quoted(&field.key),
                        match name {
                            "null" => "null",
                            "empty_text" => "an empty text",
                            _ => "was sent without it",
                        }
                    ),
                    choices: vec![
                        ('e', "nothing", Means::Effect(Effect::Emptied)),
                        ('k', "what it had", Means::Effect(Effect::Kept)),
                    ],
                }),
            }
        }
        looks
    }

    /// A half as 0.5 and as 50.
    pub(super) async fn percentage(&mut self) -> Option<Look> {
        let name = "percentage";
        let Some(field) = self.sheet.field(FieldKind::Percentage).map(str::to_owned) else {
            self.find(Finding::open(
                name,
                "name a percentage: --fields rate:percentage",
            ));
            return None;
        };
        self.tell("pushing percentages");
        let records = [
            self.sheet.with("percentage-1", json!({ &field: 0.5 })),
            self.sheet.with("percentage-2", json!({ &field: 50 })),
        ];
        match self.loaded(&records).await {
            Seen::Loaded => Some(Look {
                name,
                asked: format!(
                    "{} was sent with 0.5 in {}, {} with 50. What do they show?",
                    Sheet::id("percentage-1"),
                    display::quoted(&field),
                    Sheet::id("percentage-2"),
                ),
                choices: vec![
                    (
                        'h',
                        "0.5 % and 50 %",
                        Means::Percentage(Percentage::Hundredths),
                    ),
                    (
                        'f',
                        "50 % and 5,000 %",
                        Means::Percentage(Percentage::Fraction),
                    ),
                ],
            }),
            Seen::Rejected(why) | Seen::Doubtful(why) | Seen::Unclear(why) => {
                self.find(Finding::open(name, why));
                None
            }
        }
    }

    /// A user whom nobody knows.
    pub(super) async fn unknown_user(&mut self) -> Option<Look> {
        let wanted = "name a field of a user: --fields owner:user";
        self.strange_value("unknown_user", FieldKind::User, NOBODY, wanted)
            .await
    }

    /// A value that a picklist does not have.
    pub(super) async fn new_option(&mut self) -> Option<Look> {
        let wanted = "name a picklist: --fields stage:picklist";
        self.strange_value(
            "new_option",
            FieldKind::Picklist,
            "qobra-push-probe",
            wanted,
        )
        .await
    }

    async fn strange_value(
        &mut self,
        name: &'static str,
        kind: FieldKind,
        value: &str,
        wanted: &str,
    ) -> Option<Look> {
        let Some(field) = self.sheet.field(kind).map(str::to_owned) else {
            self.find(Finding::open(name, wanted));
            return None;
        };
        self.tell(&format!(
            "pushing an unknown value into {}",
            display::quoted(&field)
        ));
        let record = self
            .sheet
            .with(&name.replace('_', "-"), json!({ &field: value }));
        let asked = format!(
            "Is the record {} there, and with {} in {}?",
            Sheet::id(&name.replace('_', "-")),
            display::quoted(value),
            display::quoted(&field)
        );
        let mut seen = self.loaded(&[record]).await;
        if let Seen::Rejected(said) = &seen {
            // A key that is misspelt keeps any record out.
            let control = self.sheet.with("strange-control", json!({ &field: null }));
            if self.loaded(&[control]).await != Seen::Loaded {
                let why = format!(
                    "a record without a value in {} was not loaded, either: {said}",
                    display::quoted(&field)
                );
                seen = Seen::Unclear(why);
            }
        }
        self.strange(name, seen, asked)
    }

    fn strange(&mut self, name: &'static str, seen: Seen, mut asked: String) -> Option<Look> {
        match seen {
            Seen::Rejected(said) => {
                Means::Strange(Strange::Rejected).note(name, &mut self.facts);
                let words = "the record is left out, with an error";
                self.find(Finding::settled(name, Strange::Rejected, words).seen([said]));
                return None;
            }
            Seen::Unclear(why) => {
                self.find(Finding::open(name, why));
                return None;
            }
            Seen::Doubtful(said) => asked.push_str(&format!(" Its import has an error: {said}")),
            Seen::Loaded => {}
        }
        Some(Look {
            name,
            asked,
            choices: vec![
                ('w', "it is there with it", Means::Strange(Strange::Taken)),
                (
                    'o',
                    "it is there without it",
                    Means::Strange(Strange::Dropped),
                ),
                ('n', "it is not there", Means::Strange(Strange::Rejected)),
            ],
        })
    }
}
