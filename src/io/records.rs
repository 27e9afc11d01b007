//! The records of a delimited text: a line without quotes is cut where it stands, any other is read by `csv_core`.

use std::ops::Range;

use csv_core::ReadRecordResult;
use memchr::Memchr3;

use super::dialect::Dialect;
use super::quotes;

/// Records with the line on which each starts.
pub(super) struct Records<'t> {
    text: &'t str,
    dialect: Dialect,
    /// Delimiters and line ends that are not passed yet, counted from `marks_from`.
    marks: Memchr3<'t>,
    marks_from: usize,
    /// The first quote that is not passed yet; the end of the text when there is none.
    next_quote: usize,
    reader: csv_core::Reader,
    /// Where the next cell begins.
    at: usize,
    next_line: u64,
    /// The line on which the record starts.
    pub(super) line: u64,
    /// Where the cells of the record stand: in the text, or unquoted.
    cells: Vec<Range<usize>>,
    is_unquoted: bool,
    unquoted: String,
    /// What a record with quotes is read into, and where its cells end.
    buffer: Vec<u8>,
    ends: Vec<usize>,
}

impl<'t> Records<'t> {
    /// The records of a text that starts at a line. A byte order mark is none of it.
    pub(super) fn new(text: &'t str, first_line: u64, dialect: Dialect) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = dialect.core_reader();
        // It takes a mark away from the first that it reads; here that may be any record.
        reader.read_record(b"\n", &mut [], &mut [0]);
        let mut records = Records {
            text,
            dialect,
            marks: memchr::memchr3_iter(dialect.delimiter, b'\n', b'\r', b""),
            marks_from: 0,
            next_quote: 0,
            reader,
            at: 0,
            next_line: first_line,
            line: first_line,
            cells: Vec::new(),
            is_unquoted: false,
            unquoted: String::new(),
            buffer: vec![0; 1 << 8],
            ends: vec![0; 1 << 6],
        };
        records.go_to(0);
        records
    }

    /// The cells of the record.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> + Clone {
        let text = match self.is_unquoted {
            true => &self.unquoted,
            false => self.text,
        };
        self.cells.iter().map(|cell| text.get(cell.clone()).unwrap_or_default())
    }

    /// Moves to the next record; false at the end. Empty lines are passed over.
    pub(super) fn advance(&mut self) -> bool {
        self.cells.clear();
        self.is_unquoted = false;
        let (bytes, mut start) = (self.text.as_bytes(), self.at);
        self.line = self.next_line;
        loop {
            let mark = self.marks.next().map(|mark| self.marks_from + mark);
            let end = mark.unwrap_or(bytes.len());
            if self.next_quote < end {
                return self.read_quoted(start);
            }
            let cell = self.at.min(end)..end;
            let byte = bytes.get(end).copied();
            self.at = end + 1;
            if byte == Some(self.dialect.delimiter) {
                self.cells.push(cell);
                continue;
            }
            let is_pair = byte == Some(b'\r') && bytes.get(self.at) == Some(&b'\n');
            self.next_line += u64::from(!is_pair);
            if !(self.cells.is_empty() && cell.is_empty()) {
                self.cells.push(cell);
                return true;
            }
            if mark.is_none() {
                return false;
            }
            (start, self.line) = (self.at, self.next_line);
        }
    }

    /// Reads the record at `start`, which holds a quote.
    fn read_quoted(&mut self, start: usize) -> bool {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let (mut taken, mut written, mut ended) = (0, 0, 0);
        let is_record = loop {
            let (result, more_taken, more_written, more_ended) = self.reader.read_record(
                rest.get(taken..).unwrap_or_default(),
                self.buffer.get_mut(written..).unwrap_or_default(),
                self.ends.get_mut(ended..).unwrap_or_default(),
            );
            (taken, written, ended) = (taken + more_taken, written + more_written, ended + more_ended);
            match result {
                // The rest is empty now, which tells the reader that the text has ended.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.buffer.resize(self.buffer.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break true,
                ReadRecordResult::End => break false,
            }
        };
        self.is_unquoted = true;
        self.unquoted.clear();
        // Of a text nothing but ASCII was taken away, so it is one still.
        let unquoted = str::from_utf8(self.buffer.get(..written).unwrap_or_default());
        self.unquoted.push_str(unquoted.unwrap_or_default());
        let ends = self.ends.get(..ended).unwrap_or_default();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        self.cells.clear();
        self.cells.extend(starts.zip(ends).map(|(start, end)| start..*end));
        let is_split = rest.get(taken.wrapping_sub(1)) == Some(&b'\r') && rest.get(taken) == Some(&b'\n');
        taken += usize::from(is_split);
        self.next_line += quotes::line_ends(rest.get(..taken).unwrap_or_default());
        self.go_to(start + taken);
        is_record
    }

    /// Goes on from a position where a record begins.
    fn go_to(&mut self, at: usize) {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        self.marks = memchr::memchr3_iter(self.dialect.delimiter, b'\n', b'\r', rest);
        self.marks_from = at;
        self.next_quote = at + memchr::memchr(self.dialect.quote, rest).unwrap_or(rest.len());
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_records_and_marks_inside_come_back() {
        let cells: Vec<String> = (0..200).map(|i| format!("{i} \"\"{}", "x".repeat(i * 3))).collect();
        let text = format!("\u{feff}a,b\n\u{feff}\"c\",d\n\"{}\"\n", cells.join("\",\""));
        let dialect = Dialect {
            delimiter: b',',
            quote: b'"',
            escape: None,
        };
        let mut records = Records::new(&text, 1, dialect);
        let mut next = || {
            assert!(records.advance());
            records.cells().map(str::to_string).collect::<Vec<String>>()
        };
        assert_eq!(next(), ["a", "b"]);
        assert_eq!(next(), ["\u{feff}\"c\"", "d"]);
        let unquoted: Vec<String> = cells.iter().map(|cell| cell.replace("\"\"", "\"")).collect();
        assert_eq!(next(), unquoted);
    }

    proptest! {
        /// The same records as the csv crate reads, with the lines on which they start.
        #[test]
        fn records_are_those_of_the_csv_crate(text in "\u{feff}?[aé \"',\\\\\n\r]{0,60}", first_line in 1_u64..9, escapes in any::<bool>(), single in any::<bool>()) {
            let dialect = Dialect {
                delimiter: b',',
                quote: if single { b'\'' } else { b'"' },
                escape: escapes.then_some(b'\\'),
            };
            let mut records = Records::new(&text, first_line, dialect);
            for record in dialect.reader(text.as_bytes()).into_records() {
                let record = record.unwrap();
                prop_assert!(records.advance());
                prop_assert_eq!(records.cells().collect::<Vec<_>>(), record.iter().collect::<Vec<_>>());
                // The position is that of what follows the record before; empty lines come first.
                let mark = if text.starts_with("\u{feff}") { 3 } else { 0 };
                let start = mark.max(record.position().unwrap().byte() as usize);
                let blank = text.bytes().skip(start).take_while(|b| matches!(b, b'\r' | b'\n')).count();
                let before = text.get(..start + blank).unwrap();
                prop_assert_eq!(records.line, first_line + quotes::line_ends(before.as_bytes()));
            }
            prop_assert!(!records.advance() && !records.advance());
        }
    }
}
