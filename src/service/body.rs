//! Bodies of answers, piece by piece: unpacked where they come compressed, and not waited for longer
//! than they are worth.

use std::io::Write as _;
use std::mem;
use std::ops::ControlFlow;
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

/// Bytes a second that an answer comes with at least, once its first seconds are over.
const SLOWEST: u64 = 50_000;

/// How gzip begins, which no JSON does.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// So much is unpacked at a time: at most a thousand times as much comes of it.
const PACKED: usize = 4 << 10;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The connection, in the HTTP library's words.
    Http(reqwest::Error),
    /// The time was up.
    Late,
    /// The answer is compressed, and what comes of it cannot be known; its status.
    Damaged(u16),
}

/// What is no gzip, or not to its end.
#[derive(Debug)]
struct Damage;

/// How long an answer is waited for: longer, as more of it comes.
pub(super) struct Patience {
    start: Instant,
    /// The time for the first bytes; none where the request has a time limit of its own.
    first: Option<Duration>,
    received: u64,
}

impl Patience {
    /// Starts now.
    pub(super) fn new(first: Option<Duration>) -> Self {
        Self {
            start: Instant::now(),
            first,
            received: 0,
        }
    }

    /// Waits for a part of the answer.
    pub(super) async fn wait<T>(
        &self,
        part: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, ReadError> {
        let Some(first) = self.first else {
            return part.await.map_err(ReadError::Http);
        };
        let end = self.start + first + Duration::from_secs(self.received / SLOWEST);
        match timeout_at(end, part).await {
            Ok(part) => part.map_err(ReadError::Http),
            Err(_) => Err(ReadError::Late),
        }
    }
}

/// Hands a body to `take`, piece by piece, until it wants no more.
pub(super) async fn read(
    response: &mut Response,
    patience: &mut Patience,
    mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let status = response.status().as_u16();
    let damaged = |Damage| ReadError::Damaged(status);
    let mut unpacker = Unpacker::default();
    while let Some(piece) = patience.wait(response.chunk()).await? {
        patience.received += piece.len() as u64;
        let flow = unpacker.push(&piece, &mut take).map_err(damaged)?;
        if flow.is_break() {
            return Ok(());
        }
    }
    unpacker.finish(&mut take).map_err(damaged)
}

/// Unpacks gzip, whether it is announced or not, and hands on everything else as it is.
enum Unpacker {
    /// What came is too little to tell.
    Begin(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Default for Unpacker {
    fn default() -> Self {
        Self::Begin(Vec::new())
    }
}

impl Unpacker {
    fn push(
        &mut self,
        piece: &[u8],
        take: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Damage> {
        match self {
            Self::Begin(held) => {
                held.extend_from_slice(piece);
                if held.len() < GZIP.len() {
                    return Ok(ControlFlow::Continue(()));
                }
                let held = mem::take(held);
                *self = match held.starts_with(&GZIP) {
                    true => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
                    false => Self::Plain,
                };
                self.push(&held, take)
            }
            Self::Plain => Ok(take(piece)),
            Self::Gzip(gzip) => {
                for packed in piece.chunks(PACKED) {
                    gzip.write_all(packed).map_err(|_| Damage)?;
                    let unpacked = mem::take(gzip.get_mut());
                    if take(&unpacked).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            }
        }
    }

    fn finish(self, take: &mut impl FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), Damage> {
        let rest = match self {
            Self::Begin(held) => held,
            Self::Plain => return Ok(()),
            Self::Gzip(gzip) => gzip.finish().map_err(|_| Damage)?,
        };
        // Nothing comes behind it that `take` could stop.
        let _ = take(&rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    /// What comes of a body that arrives in pieces, of which at most so much is wanted.
    fn unpacked(body: &[u8], piece: usize, most: usize) -> Result<Vec<u8>, Damage> {
        let mut all = Vec::new();
        let mut take = |piece: &[u8]| {
            all.extend_from_slice(piece);
            match all.len() < most {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        let mut unpacker = Unpacker::default();
        for piece in body.chunks(piece) {
            if unpacker.push(piece, &mut take)?.is_break() {
                return Ok(all);
            }
        }
        unpacker.finish(&mut take)?;
        Ok(all)
    }

    #[test]
    fn what_is_packed_comes_as_it_was_in_pieces_of_any_size() {
        let text = "{\"import_id\": \"é\"}".repeat(1_000).into_bytes();
        let twice = [packed(&text), packed(b"more")].concat();
        for piece in [1, 2, 7, 10_000] {
            for plain in [&b""[..], b"{", &[0x1f], &text] {
                assert_eq!(unpacked(plain, piece, usize::MAX).unwrap(), plain);
                assert_eq!(unpacked(&packed(plain), piece, usize::MAX).unwrap(), plain);
            }
            let of_both = [&text[..], b"more"].concat();
            assert_eq!(unpacked(&twice, piece, usize::MAX).unwrap(), of_both);
        }
    }

    #[test]
    fn what_is_damaged_or_cut_is_told() {
        let whole = packed(&b"some words ".repeat(1_000));
        for length in 2..whole.len() {
            assert!(
                unpacked(&whole[..length], 5, usize::MAX).is_err(),
                "{length}"
            );
        }
        let behind = [&whole[..], b"noise"].concat();
        assert!(unpacked(&behind, 5, usize::MAX).is_err());
    }

    /// Thirty seconds for a word; an answer that comes steadily has all the time that it takes.
    #[test]
    fn a_long_answer_has_more_time() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let waits = |first: Option<u64>, received: u64, seconds: u64| {
            runtime.block_on(async {
                let mut patience = Patience::new(first.map(Duration::from_secs));
                patience.received = received;
                let part = async {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    Ok(())
                };
                patience.wait(part).await.is_ok()
            })
        };
        assert!(waits(Some(30), 0, 29) && !waits(Some(30), 0, 31));
        let ten_minutes = 600 * SLOWEST;
        assert!(waits(Some(30), ten_minutes, 629) && !waits(Some(30), ten_minutes, 631));
        assert!(waits(None, 0, 3_600));
    }

    #[test]
    fn a_bomb_is_left_when_there_is_enough() {
        let bomb = packed(&vec![b' '; 16 << 20]);
        let came = unpacked(&bomb, usize::MAX, 1 << 20).unwrap();
        assert!((1 << 20..6 << 20).contains(&came.len()), "{}", came.len());
    }
}
