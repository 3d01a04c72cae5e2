//! What this machine calls itself.

/// The machine's name, harmless to print; a container's where it runs in one.
pub(crate) fn name() -> Option<String> {
    let name = machine();
    name.filter(|name| !name.is_empty())
        .map(|name| super::display::shown(&name))
}

#[cfg(unix)]
fn machine() -> Option<String> {
    let system = rustix::system::uname();
    Some(system.nodename().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn machine() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}
