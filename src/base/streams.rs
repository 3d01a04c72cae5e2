//! Standard output and error, written to the end: also where another process that shares the pipe or the
//! terminal made it non-blocking. There a write that finds no room is an error, which says nothing but that
//! the reader is slower, and is waited out as it would be elsewhere.

use std::io;

/// Writes all of it to standard output.
pub(crate) fn stdout(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stdout().lock(), bytes)
}

/// Writes all of it to standard error.
pub(crate) fn stderr(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stderr().lock(), bytes)
}

/// Past the buffer of the standard library, which does not know how much was written before an error.
#[cfg(unix)]
fn write_all(out: impl std::os::fd::AsFd, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    let fd = out.as_fd();
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => match poll(&mut [PollFd::new(&fd, PollFlags::OUT)], None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            },
            // A stream that nobody opened for writing: nobody wants it.
            Err(Errno::BADF) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn write_all(mut out: impl io::Write, bytes: &[u8]) -> io::Result<()> {
    // Of a pipe whose reader is gone Windows says one of three things, of which the standard library knows two.
    const NOT_CONNECTED: Option<i32> = Some(233);
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| match error.raw_os_error() {
        NOT_CONNECTED => io::ErrorKind::BrokenPipe.into(),
        _ => error,
    })
}
