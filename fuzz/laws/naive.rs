//! CSV read a character at a time, as its grammar is written down: what the laws hold the quick ways
//! against. Nothing else uses it.

use crate::input::Quoting;

/// What is read before the first fault.
#[derive(Debug, Default)]
pub(crate) struct Naive {
    pub records: Vec<Vec<String>>,
    /// Where each of them begins.
    pub starts: Vec<usize>,
    pub fault: Option<NaiveFault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NaiveFault {
    /// Text behind a closing quote; where both quotes stand.
    Text { open: usize, close: usize },
    /// A quote that is never closed.
    Open(usize),
    /// An escape with no end of its record behind it.
    Escape,
}

enum State {
    CellStart,
    Unquoted,
    Quoted { open: usize },
    Closed { open: usize, close: usize },
}

/// Characters with their places; `\r\n` is one.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let ends_pair = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
    let starts = text.char_indices().map(|(at, _)| at);
    let starts: Vec<usize> = starts.filter(|at| !ends_pair(*at)).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let token = |(start, end): (&usize, usize)| (*start, &text[*start..end]);
    starts.iter().zip(ends).map(token).collect()
}

impl Naive {
    /// The records behind the header, without lines of nothing but delimiters.
    pub(crate) fn rows(&self, text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let is_row = |start: usize| {
            let line = text[start..].split(['\n', '\r']).next();
            !line.is_some_and(|line| line.bytes().all(|byte| byte == delimiter))
        };
        let rows = self.starts.iter().zip(&self.records).skip(1);
        rows.filter(|(start, _)| is_row(**start))
            .map(|(_, row)| row.clone())
            .collect()
    }
}

/// Reads a whole text, the header as a record like others.
pub(crate) fn read(text: &str, delimiter: u8, quoting: Quoting) -> Naive {
    let delimiter = char::from(delimiter).to_string();
    let escape = quoting.escape.map(|byte| char::from(byte).to_string());
    let mut naive = Naive::default();
    let (mut record, mut cell, mut state) = (Vec::new(), String::new(), State::CellStart);
    let mut start = 0;
    let mut tokens = tokens(text).into_iter().peekable();
    while let Some((at, token)) = tokens.next() {
        let is_line_end = matches!(token, "\n" | "\r" | "\r\n");
        let is_end = is_line_end || token == delimiter;
        let is_escape = Some(token) == escape.as_deref();
        if matches!(state, State::CellStart) && record.is_empty() {
            start = at;
        }
        state = match state {
            State::CellStart if token == "\"" && quoting.has_quotes => State::Quoted { open: at },
            State::Quoted { open } if token == "\"" => {
                match tokens.next_if(|next| next.1 == "\"") {
                    Some(_) => {
                        cell.push('"');
                        State::Quoted { open }
                    }
                    None => State::Closed { open, close: at },
                }
            }
            State::Closed { open, close } if !is_end => {
                naive.fault = Some(NaiveFault::Text { open, close });
                return naive;
            }
            State::CellStart | State::Unquoted | State::Quoted { .. } if is_escape => {
                let escaped = tokens.next().map_or("", |next| next.1);
                cell.push_str(escaped);
                match state {
                    State::Quoted { open } => State::Quoted { open },
                    _ if matches!(escaped, "" | "\n" | "\r" | "\r\n")
                        && tokens.peek().is_none() =>
                    {
                        naive.fault = Some(NaiveFault::Escape);
                        return naive;
                    }
                    _ => State::Unquoted,
                }
            }
            State::CellStart | State::Unquoted | State::Closed { .. } if is_end => {
                let is_blank = matches!(state, State::CellStart) && record.is_empty();
                if !(is_line_end && is_blank) {
                    record.push(std::mem::take(&mut cell));
                }
                if is_line_end && !is_blank {
                    naive.records.push(std::mem::take(&mut record));
                    naive.starts.push(start);
                }
                State::CellStart
            }
            other => {
                cell.push_str(token);
                match other {
                    State::Quoted { open } => State::Quoted { open },
                    _ => State::Unquoted,
                }
            }
        };
    }
    match state {
        State::Quoted { open } => naive.fault = Some(NaiveFault::Open(open)),
        State::CellStart if record.is_empty() => {}
        _ => {
            record.push(cell);
            naive.records.push(record);
            naive.starts.push(start);
        }
    }
    naive
}
