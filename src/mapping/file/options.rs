//! The table of a field, and its options one by one.

use toml::de::DeTable;

use crate::base::display::quoted;

use super::reader::{Item, Reader};

/// A field's table while it is read.
pub(crate) struct Options<'r, 't, 'v, 'i> {
    pub(crate) reader: &'r mut Reader<'t>,
    pub(crate) table: &'v DeTable<'i>,
    /// The field's API key.
    pub(crate) name: &'v str,
    pub(crate) line: usize,
}

impl<'v, 'i> Options<'_, '_, 'v, 'i> {
    pub(crate) fn item(&self, key: &str) -> Option<&'v Item<'i>> {
        self.table.get(key)
    }

    pub(crate) fn what(&self, option: &str) -> String {
        format!("field {}: `{option}`", quoted(self.name))
    }

    pub(crate) fn flag(&mut self, option: &str) -> Option<bool> {
        let item = self.item(option)?;
        self.reader.boolean(item, &self.what(option))
    }

    pub(crate) fn choice<T: Copy>(&mut self, option: &str, choices: &[(&str, T)]) -> Option<T> {
        let item = self.item(option)?;
        self.reader.choice(item, &self.what(option), choices)
    }

    /// The outer none: there are words, and they are wrong.
    pub(crate) fn words(&mut self, option: &str) -> Option<Option<Vec<(String, usize)>>> {
        match self.item(option) {
            Some(item) => self.reader.words(item, &self.what(option)).map(Some),
            None => Some(None),
        }
    }

    pub(crate) fn add(&mut self, message: &str, hint: &str) {
        let message = format!("field {} {message}", quoted(self.name));
        self.reader.add(self.line, message, hint.to_owned());
    }

    pub(crate) fn refuse<T>(
        &mut self,
        item: &Item<'_>,
        message: &str,
        hint: Option<&str>,
    ) -> Option<T> {
        let message = format!("field {}: {message}", quoted(self.name));
        self.reader.refuse(item, message, hint.map(str::to_owned))
    }
}
