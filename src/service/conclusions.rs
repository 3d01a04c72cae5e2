//! What can be concluded from what is known.

use super::facts::{Facts, Refused, Wrong};

impl Facts {
    /// The status that says of an import that the service does not know it, where it can mean nothing else.
    pub(crate) fn unknown_status(&self) -> Option<u16> {
        let status = self.unknown_import.as_ref()?.status;
        let is_key = match &self.wrong_key {
            Some(key) => key.status == status,
            None => matches!(status, 401 | 403),
        };
        let is_refusal = matches!(status, 400..500) && !matches!(status, 407 | 408 | 425 | 429);
        (is_refusal && !is_key).then_some(status)
    }

    /// Whether a refusal is the answer to a wrong key or to a wrong table, and surely not the other one.
    pub(crate) fn what_is_wrong(&self, status: u16, words: &str) -> Option<Wrong> {
        let (key, table) = (self.wrong_key.as_ref()?, self.wrong_table.as_ref()?);
        // Here they are quoted, and cut elsewhere than there.
        let beginning =
            |words: &str| -> String { words.trim_matches('`').chars().take(100).collect() };
        let is = |one: &Refused, other: &Refused, usual: &[u16]| {
            let are_same = !one.words.is_empty() && beginning(&one.words) == beginning(words);
            match one.status == other.status {
                true => are_same && beginning(&one.words) != beginning(&other.words),
                // Where others are refused like that too, the words must say it.
                false => are_same || usual.contains(&status),
            }
        };
        match status {
            _ if status == key.status && is(key, table, &[401, 403]) => Some(Wrong::Key),
            _ if status == table.status && is(table, key, &[404]) => Some(Wrong::Table),
            _ => None,
        }
    }

    /// Takes one out, `records.refused` for a part of one. Whether it was there.
    pub(crate) fn forget(&mut self, name: &str) -> bool {
        let mut json = serde_json::to_value(&*self).unwrap_or_default();
        let (part, name) = match name.split_once('.') {
            Some((fact, name)) => (json.get_mut(fact), name),
            None => (Some(&mut json), name),
        };
        let gone = part.and_then(|part| part.as_object_mut()?.remove(name));
        match (gone, serde_json::from_value(json)) {
            (Some(_), Ok(facts)) => {
                *self = facts;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_where_it_can_be_only_one() {
        let refused = |status, words: &str| {
            Some(Refused {
                status,
                words: words.to_owned(),
            })
        };
        let of = |wrong_key, wrong_table| Facts {
            wrong_key,
            wrong_table,
            ..Facts::default()
        };
        let apart = of(refused(401, "bad key"), refused(404, ""));
        assert_eq!(apart.what_is_wrong(401, ""), Some(Wrong::Key));
        assert_eq!(apart.what_is_wrong(404, "no"), Some(Wrong::Table));
        assert_eq!(apart.what_is_wrong(403, "bad key"), None);
        // Bodies are refused like that too.
        let unusual = of(refused(400, "bad key"), refused(422, "no table"));
        assert_eq!(unusual.what_is_wrong(400, ""), None);
        assert_eq!(unusual.what_is_wrong(400, "bad key"), Some(Wrong::Key));
        assert_eq!(unusual.what_is_wrong(422, "no table"), Some(Wrong::Table));
        let alike = of(refused(404, "not found"), refused(404, "not found"));
        assert_eq!(alike.what_is_wrong(404, "not found"), None);
        let by_words = of(refused(404, "key"), refused(404, "table"));
        assert_eq!(by_words.what_is_wrong(404, "`key`"), Some(Wrong::Key));
        assert_eq!(by_words.what_is_wrong(404, "table"), Some(Wrong::Table));
        assert_eq!(by_words.what_is_wrong(404, "else"), None);
        assert_eq!(of(refused(401, ""), None).what_is_wrong(401, ""), None);
    }

    #[test]
    fn an_import_is_unknown_by_a_status_that_says_nothing_else() {
        let of = |status, key: Option<u16>| {
            let refused = |status| Refused {
                status,
                words: String::new(),
            };
            let facts = Facts {
                unknown_import: Some(refused(status)),
                wrong_key: key.map(refused),
                ..Facts::default()
            };
            facts.unknown_status()
        };
        assert_eq!(of(400, None), Some(400));
        assert_eq!(of(422, Some(401)), Some(422));
        assert_eq!(of(403, Some(401)), Some(403));
        for (status, key) in [
            (403, None),
            (403, Some(403)),
            (400, Some(400)),
            (429, None),
            (500, None),
            (200, None),
        ] {
            assert_eq!(of(status, key), None, "{status}");
        }
        assert_eq!(Facts::default().unknown_status(), None);
    }
}
