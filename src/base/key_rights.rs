//! Whose a key file is and what others may do with it: whether it can be used, and whether that is
//! worth a warning.
//!
//! A file that this user can change is expected to be closed to others, since closing it is one
//! command. A secret that is mounted (Kubernetes, Docker) comes as it comes: it cannot be changed from
//! inside, and is taken if nobody else can change it either. The folders above are not looked at: a
//! file that another user puts there in its place is that user's, and refused.

use std::fs::File;
use std::path::Path;

use super::complaint::Complaint;
use super::display;
use super::rights::Rights;

/// What decides about a key file.
#[derive(Clone, Copy, Debug)]
struct View {
    rights: Rights,
    /// The user of this process.
    me: u32,
    /// Whether it lies on a read-only mount.
    is_read_only: bool,
}

/// Whether an open key file may be used; a complaint inside is a warning.
pub(super) fn check(path: &Path, file: &File) -> Result<Option<Complaint>, Complaint> {
    match view(file) {
        Some(view) => judge(path, view),
        None => Ok(unjudged(
            path,
            std::env::var_os("USERPROFILE").as_deref().map(Path::new),
        )),
    }
}

/// The warning where rights are lists of access, which are not read here: Windows closes a user's own
/// folder to others, and of other places nothing is known.
fn unjudged(path: &Path, profile: Option<&Path>) -> Option<Complaint> {
    let lower = |path: &Path| path.to_string_lossy().to_lowercase();
    let absolute = std::path::absolute(path).ok();
    let is_inside = (absolute.as_deref().zip(profile))
        .is_some_and(|(path, profile)| Path::new(&lower(path)).starts_with(lower(profile)));
    let name = display::quoted(&path.to_string_lossy());
    let hint = format!(
        "keep it in your own folder{}, or see for yourself: icacls {}",
        profile.map_or_else(String::new, |profile| format!(
            ", {}",
            display::typed_path(profile)
        )),
        display::typed_path(path)
    );
    let message = format!(
        "who else may read the API key file {name} is not known: lists of access are not read"
    );
    (!is_inside).then(|| Complaint::new(message, hint))
}

#[cfg(unix)]
fn view(file: &File) -> Option<View> {
    use rustix::fs::{StatVfsMountFlags, fstatvfs};
    let mount = fstatvfs(file).map(|mount| mount.f_flag);
    Some(View {
        rights: Rights::of(&file.metadata().ok()?)?,
        me: rustix::process::geteuid().as_raw(),
        is_read_only: mount.is_ok_and(|flags| flags.contains(StatVfsMountFlags::RDONLY)),
    })
}

#[cfg(not(unix))]
fn view(_: &File) -> Option<View> {
    None
}

impl View {
    /// Whether this user cannot change the file. No right stops root, so what is mounted for it is known by
    /// having no right to write at all.
    fn is_fixed(self) -> bool {
        let has_writer = self.rights.mode & 0o222 != 0;
        self.is_read_only || (self.rights.owner == 0 && (self.me != 0 || !has_writer))
    }
}

fn judge(path: &Path, view: View) -> Result<Option<Complaint>, Complaint> {
    let Rights { owner, mode } = view.rights;
    let path = path.to_string_lossy();
    let name = display::quoted(&path);
    if owner != view.me && owner != 0 && !view.is_read_only {
        return Err(Complaint::new(
            format!("the API key file {name} belongs to another user"),
            match view.me {
                0 => "chown root it, or run as its owner",
                _ => "use a file of your own, or one of root's that you may read",
            }
            .to_owned(),
        ));
    }
    if mode & 0o022 != 0 || (mode & 0o077 != 0 && !view.is_fixed()) {
        return Err(Complaint::new(
            format!("the API key file {name} can be used by others (mode {mode:04o})"),
            match view.is_fixed() {
                true => "close it where it is made or mounted: chmod 600, or defaultMode: 0400 in \
                         Kubernetes and mode: 0400 in Compose"
                    .to_owned(),
                false => format!(
                    "chmod 600 {}   (of a secret in Kubernetes: defaultMode: 0400)",
                    display::shown(&path)
                ),
            },
        ));
    }
    Ok((mode & 0o077 != 0).then(|| exposed(&name, mode)))
}

/// The warning for a file that is used although others may read it.
fn exposed(name: &str, mode: u32) -> Complaint {
    let (readers, hint) = match mode & 0o007 {
        // An `fsGroup` opens every secret to its group, whatever its mode says.
        0 => (
            "its group",
            "no one else should be in that group; in Kubernetes, an fsGroup makes it so",
        ),
        _ => (
            "others",
            "close it where it is mounted: defaultMode: 0400 in Kubernetes, mode: 0400 in Compose",
        ),
    };
    let message = format!("the API key file {name} can be read by {readers} (mode {mode:04o})");
    Complaint::new(message, hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = 1_000;
    const OTHER: u32 = 4_000;

    #[derive(Debug, PartialEq, Eq)]
    enum Fate {
        Quiet,
        Warned,
        Refused,
    }

    fn fate(me: u32, owner: u32, mode: u32, is_read_only: bool) -> Fate {
        let rights = Rights { owner, mode };
        let view = View {
            rights,
            me,
            is_read_only,
        };
        match judge(Path::new("key"), view) {
            Ok(None) => Fate::Quiet,
            Ok(Some(_)) => Fate::Warned,
            Err(_) => Fate::Refused,
        }
    }

    #[test]
    fn what_this_user_can_change_is_closed_to_others() {
        use Fate::{Quiet, Refused};
        for (mode, expected) in [
            (0o600, Quiet),
            (0o400, Quiet),
            (0o440, Refused),
            (0o640, Refused),
            (0o644, Refused),
            (0o602, Refused),
        ] {
            assert_eq!(fate(ME, ME, mode, false), expected, "{mode:o}");
        }
        assert_eq!(fate(0, 0, 0o600, false), Quiet);
        assert_eq!(fate(0, 0, 0o644, false), Refused);
    }

    #[test]
    fn what_is_mounted_is_taken_as_it_comes() {
        use Fate::{Quiet, Warned};
        for (me, owner, mode, is_read_only, expected) in [
            // Kubernetes: with an fsGroup, without, and for root.
            (ME, 0, 0o440, false, Warned),
            (ME, 0, 0o644, false, Warned),
            (0, 0, 0o440, false, Warned),
            (0, 0, 0o400, false, Quiet),
            (0, 0, 0o644, true, Warned),
            // Docker's secrets, on a tmpfs that may be written to, and with a `uid`.
            (ME, 0, 0o444, false, Warned),
            (0, 0, 0o444, false, Warned),
            (ME, ME, 0o440, true, Warned),
            // A file of the host's user, behind a read-only bind mount.
            (ME, OTHER, 0o644, true, Warned),
            (0, OTHER, 0o600, true, Quiet),
            (ME, ME, 0o600, true, Quiet),
        ] {
            let found = fate(me, owner, mode, is_read_only);
            assert_eq!(found, expected, "{me} {owner} {mode:o} {is_read_only}");
        }
    }

    #[test]
    fn where_rights_are_not_read_a_key_outside_of_the_users_folder_is_told() {
        let profile = std::path::absolute("/Users/Me").unwrap();
        let warning = |path: &str| unjudged(&profile.join(path), Some(&profile));
        assert!(warning("keys/qobra").is_none());
        assert!(unjudged(Path::new("/users/me/key"), Some(&profile)).is_none());
        let outside = unjudged(Path::new("/Users/Mean/key"), Some(&profile)).unwrap();
        assert!(outside.message.contains("is not known"), "{outside}");
        assert!(outside.hint.unwrap().contains("icacls"));
        assert!(unjudged(Path::new("/key"), None).is_some());
    }

    #[test]
    fn what_others_can_change_is_no_key_of_ours() {
        for is_read_only in [false, true] {
            for owner in [0, ME, OTHER] {
                for mode in [0o660, 0o602, 0o666, 0o020] {
                    assert_eq!(fate(ME, owner, mode, is_read_only), Fate::Refused);
                }
            }
        }
        for mode in [0o600, 0o444] {
            assert_eq!(fate(ME, OTHER, mode, false), Fate::Refused);
            assert_eq!(fate(0, OTHER, mode, false), Fate::Refused);
        }
    }
}
