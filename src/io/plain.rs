//! Records of a text without quotes: every line is one, and its cells are what stands between delimiters.

use memchr::Memchr3;

/// Records with the line on which each stands.
pub(super) struct Plain<'t> {
    text: &'t str,
    delimiter: u8,
    /// Delimiters and line ends that are not passed yet.
    marks: Memchr3<'t>,
    /// Where the next cell begins.
    at: usize,
    next_line: u64,
    /// The line of the record.
    pub(super) line: u64,
    /// The cells of the record.
    pub(super) cells: Vec<&'t str>,
}

impl<'t> Plain<'t> {
    /// The records of a text that starts at a line. A byte order mark is none of it.
    pub(super) fn new(text: &'t str, first_line: u64, delimiter: u8) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Plain {
            text,
            delimiter,
            marks: memchr::memchr3_iter(delimiter, b'\n', b'\r', text.as_bytes()),
            at: 0,
            next_line: first_line,
            line: first_line,
            cells: Vec::new(),
        }
    }

    /// Moves to the next record; false at the end. Empty lines are passed over.
    pub(super) fn advance(&mut self) -> bool {
        self.cells.clear();
        self.line = self.next_line;
        loop {
            let mark = self.marks.next();
            let end = mark.unwrap_or(self.text.len());
            let cell = self.text.get(self.at..end).unwrap_or_default();
            let byte = self.text.as_bytes().get(end).copied();
            self.at = end + 1;
            if byte == Some(self.delimiter) {
                self.cells.push(cell);
                continue;
            }
            let is_pair = byte == Some(b'\r') && self.text.as_bytes().get(self.at) == Some(&b'\n');
            self.next_line += u64::from(!is_pair);
            if !(self.cells.is_empty() && cell.is_empty()) {
                self.cells.push(cell);
                return true;
            }
            if mark.is_none() {
                return false;
            }
            self.line = self.next_line;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The same records as the csv crate reads, with the lines on which they stand.
        #[test]
        fn records_are_those_of_the_csv_crate(text in "\u{feff}?[aé ,\n\r]{0,60}", first_line in 1_u64..9) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut rows = Plain::new(&text, first_line, b',');
            for record in reader.records() {
                let record = record.unwrap();
                prop_assert!(rows.advance());
                prop_assert_eq!(&rows.cells, &record.iter().collect::<Vec<_>>());
                let start = rows.cells[0].as_ptr() as usize - text.as_ptr() as usize;
                let before = text.get(..start).unwrap().replace("\r\n", "\n").replace('\r', "\n");
                prop_assert_eq!(rows.line, first_line + before.matches('\n').count() as u64);
            }
            prop_assert!(!rows.advance() && !rows.advance());
        }
    }
}
