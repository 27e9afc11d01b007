//! The records of a delimited text: a line without quotes is cut where it stands, any other is read by `csv_core`.

use std::ops::Range;

use csv_core::ReadRecordResult;

use super::dialect::Dialect;
use super::quotes;

/// Records with the line on which each starts.
pub(super) struct Records<'t> {
    text: &'t str,
    dialect: Dialect,
    /// Delimiters and line ends that are not passed yet.
    marks: Marks<'t>,
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
        Records {
            text,
            dialect,
            marks: Marks::new(text.as_bytes(), dialect.delimiter),
            next_quote: quote_from(text, dialect, 0),
            reader,
            at: 0,
            next_line: first_line,
            line: first_line,
            cells: Vec::new(),
            is_unquoted: false,
            unquoted: String::new(),
            buffer: vec![0; 1 << 8],
            ends: vec![0; 1 << 6],
        }
    }

    /// The cells of the record.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> + Clone {
        let text = match self.is_unquoted {
            true => &self.unquoted,
            false => self.text,
        };
        self.cells.iter().map(|cell| text.get(cell.clone()).unwrap_or_default())
    }

    /// The cells of a record of `width` cells and no quote. One that is longer than `most`, or in which no cell begins with
    /// a letter, digit or sign of ASCII and that may so be blank, is left to [`Records::cells`].
    pub(super) fn plain(&self, width: usize, most: usize) -> Option<impl Iterator<Item = &'t str> + use<'t, '_>> {
        let text = self.text;
        let first = self
            .cells
            .first()
            .filter(|_| self.cells.len() == width && !self.is_unquoted)?;
        let begins = |cell: &Range<usize>| text.as_bytes().get(cell.start).is_some_and(u8::is_ascii_graphic);
        let is_filled = self.cells.iter().any(|cell| !cell.is_empty() && begins(cell));
        let cells = || self.cells.iter().map(move |cell| text.get(cell.clone()).unwrap_or_default());
        (is_filled && self.at - first.start <= most).then(cells)
    }

    /// Moves to the next record; false at the end. Empty lines are passed over.
    pub(super) fn advance(&mut self) -> bool {
        self.cells.clear();
        self.is_unquoted = false;
        let (bytes, mut start) = (self.text.as_bytes(), self.at);
        self.line = self.next_line;
        loop {
            let mark = self.marks.next();
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
        self.marks.go_to(at);
        self.next_quote = quote_from(self.text, self.dialect, at);
        self.at = at;
    }
}

/// The first quote at or after a position, or the end of the text.
fn quote_from(text: &str, dialect: Dialect, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + memchr::memchr(dialect.quote, rest).unwrap_or(rest.len())
}

/// Where delimiters and line ends stand in a text. They are a few bytes apart, so a search for the next one costs more than to
/// look at a stretch of the text at once and note all that stand in it.
struct Marks<'t> {
    text: &'t [u8],
    delimiter: u8,
    /// Where the stretch begins, and a bit for each of its bytes that is a mark and not passed yet.
    from: usize,
    ahead: u64,
}

impl<'t> Marks<'t> {
    const STRETCH: usize = u64::BITS as usize;

    fn new(text: &'t [u8], delimiter: u8) -> Self {
        let mut marks = Marks {
            text,
            delimiter,
            from: 0,
            ahead: 0,
        };
        marks.go_to(0);
        marks
    }

    fn go_to(&mut self, at: usize) {
        self.from = at;
        self.ahead = self.look();
    }

    /// The marks of the stretch.
    fn look(&self) -> u64 {
        let rest = self.text.get(self.from..).unwrap_or_default();
        if let Some(whole) = rest.first_chunk() {
            return self.marks(whole);
        }
        let mut end = [0; Marks::STRETCH];
        end.iter_mut().zip(rest).for_each(|(byte, is)| *byte = *is);
        self.marks(&end)
    }

    fn marks(&self, bytes: &[u8; Marks::STRETCH]) -> u64 {
        let mut marks = [0; Marks::STRETCH];
        // A plain loop over as many bytes as are known beforehand is done by sixteen at a time.
        for (mark, byte) in marks.iter_mut().zip(bytes) {
            *mark = u8::from((*byte == self.delimiter) | (*byte == b'\n') | (*byte == b'\r'));
        }
        bits(&marks)
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.ahead == 0 {
            self.from += Marks::STRETCH;
            if self.from >= self.text.len() {
                return None;
            }
            self.ahead = self.look();
        }
        let at = self.from + self.ahead.trailing_zeros() as usize;
        self.ahead &= self.ahead - 1;
        Some(at)
    }
}

/// A bit for each byte, of which each is 0 or 1.
fn bits(bytes: &[u8; Marks::STRETCH]) -> u64 {
    // The product brings the last bit of byte `i` to place `i` of the top byte, and no two to one place.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = bytes.as_chunks::<8>();
    let of_eight = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56;
    eights.iter().rev().fold(0, |bits, eight| bits << 8 | of_eight(eight))
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

    /// Texts with quotes everywhere, and longer ones with stretches that have none.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "\u{feff}?[aé \"',\\\\\n\r]{0,60}",
            "(a{0,20}[,\n]|\r\n|\r|é|\"x,y\"){0,80}",
            "([ab]{0,70}[,\n]){0,9}\"?",
        ]
    }

    proptest! {
        /// The same records as the csv crate reads, with the lines on which they start.
        #[test]
        fn records_are_those_of_the_csv_crate(text in texts(), first_line in 1_u64..9, escapes in any::<bool>(), single in any::<bool>()) {
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
