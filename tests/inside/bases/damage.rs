use std::fs;
use std::path::PathBuf;

use fastrand::Rng;

use super::machine::Machine;
use crate::runs::state::RunDir;

impl Machine {
    /// Loses or damages a file, or puts another one in its place.
    pub(super) fn damage(&mut self, random: &mut Rng, other: &Self) -> String {
        let runs = self.table.runs().unwrap();
        // What is lost of the last run matters most.
        let run = match random.u8(0..3) {
            0 => random.choice(&runs).cloned(),
            _ => runs.last().cloned(),
        };
        let key = self.folder.path().join("base.key");
        match (random.u8(0..15), run) {
            (0, _) => {
                let _ = fs::remove_file(key);
                "the key is lost".to_owned()
            }
            (1, _) => {
                fs::write(key, [0; 31]).unwrap();
                "the key is damaged".to_owned()
            }
            (2 | 7 | 8, Some(run)) => {
                let _ = fs::remove_file(run.journal_path());
                format!("{}: the journal is lost", run.id())
            }
            (3, Some(run)) if run.journal_path().exists() => {
                fs::write(run.journal_path(), [0; 100]).unwrap();
                format!("{}: the journal is damaged", run.id())
            }
            (4 | 9, Some(run)) => {
                fs::remove_dir_all(run.path()).unwrap();
                format!("{}: the run is lost", run.id())
            }
            (5, Some(run)) => self.put_other(random, &run, other),
            (6, Some(run)) if !self.old_bases.is_empty() => {
                let (of, old) = random.choice(&self.old_bases).unwrap();
                if of == run.id() {
                    // As much as an old copy of the whole folder, which nobody can tell.
                    return "nothing".to_owned();
                }
                fs::write(run.base_path(), old).unwrap();
                format!("{}: the base of {of} is put there", run.id())
            }
            (_, Some(_)) => self.spoil(random),
            (_, None) => "nothing".to_owned(),
        }
    }

    /// All files of fingerprints.
    fn base_files(&self) -> Vec<PathBuf> {
        let runs = self.table.runs().unwrap();
        let paths = runs
            .iter()
            .flat_map(|run| [run.base_path(), run.new_base_path(), run.old_base_path()]);
        paths.filter(|path| path.exists()).collect()
    }

    /// Changes a byte of a base, cuts it, or removes it.
    fn spoil(&self, random: &mut Rng) -> String {
        let paths = self.base_files();
        let Some(path) = random.choice(&paths) else {
            return "nothing".to_owned();
        };
        let mut bytes = fs::read(path).unwrap();
        if bytes.is_empty() {
            return "nothing".to_owned();
        }
        let at = random.usize(0..bytes.len());
        match random.u8(0..3) {
            0 => bytes[at] ^= random.u8(1..),
            1 => bytes.truncate(at),
            _ => {
                fs::remove_file(path).unwrap();
                return format!("{} is lost", path.display());
            }
        }
        fs::write(path, bytes).unwrap();
        format!("{} is damaged", path.display())
    }

    fn put_other(&self, random: &mut Rng, run: &RunDir, other: &Self) -> String {
        let paths = other.base_files();
        let Some(path) = random.choice(&paths) else {
            return "nothing".to_owned();
        };
        fs::copy(path, run.base_path()).unwrap();
        format!("{}: another machine's base is put there", run.id())
    }
}
