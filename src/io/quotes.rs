//! Quotes that were never closed: found before parsing, because a lenient parser silently swallows the rows after them.

use super::dialect::Dialect;

/// The line on which the first quote opens that is never closed or that evidently swallows whole records.
///
/// `width` is the number of columns. A quoted field of several lines is suspect when text follows its closing quote, or when
/// its lines have the shape of records of this table.
pub(crate) fn unclosed(text: &str, dialect: Dialect, width: usize) -> Option<u64> {
    let Dialect { delimiter, quote, .. } = dialect;
    let bytes = text.as_bytes();
    if !bytes.contains(&quote) {
        return None;
    }
    let (mut at, mut line, mut column, mut fresh) = (0, 1_u64, 0, true);
    let mut suspect: Option<u64> = None;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            _ if byte == quote && fresh => {
                let Some(end) = closing(bytes, at + 1, dialect) else {
                    return Some(line);
                };
                let content = bytes.get(at + 1..end).unwrap_or_default();
                let follower = bytes.get(end + 1).copied();
                let broken = follower.is_some_and(|b| b != delimiter && !is_line_end(b));
                let lines = line_ends(content);
                if lines > 0 && (broken || holds_records(content, delimiter, column, width)) {
                    return Some(line);
                }
                if lines > 0 && fills_a_record(content, delimiter, column, width) {
                    suspect.get_or_insert(line);
                }
                line += lines;
                at = end;
                fresh = false;
            }
            b'\r' | b'\n' => {
                if suspect.is_some() && column + 1 != width {
                    return suspect;
                }
                suspect = None;
                at += usize::from(byte == b'\r' && bytes.get(at + 1) == Some(&b'\n'));
                (line, column, fresh) = (line + 1, 0, true);
            }
            _ if byte == delimiter => (column, fresh) = (column + 1, true),
            _ => fresh = false,
        }
        at += 1;
    }
    suspect.filter(|_| column + 1 != width)
}

/// How many line ends (LF, CRLF or CR) there are.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    let mut n = 0;
    let mut before = 0;
    for &byte in bytes {
        n += u64::from(byte == b'\r' || (byte == b'\n' && before != b'\r'));
        before = byte;
    }
    n
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// The position of the quote that closes a field whose content starts at `at`.
fn closing(bytes: &[u8], mut at: usize, dialect: Dialect) -> Option<usize> {
    loop {
        let stop = |b: &u8| *b == dialect.quote || Some(*b) == dialect.escape;
        at += bytes.get(at..)?.iter().position(stop)?;
        let escaped = bytes.get(at) != Some(&dialect.quote);
        if !escaped && bytes.get(at + 1) != Some(&dialect.quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether the first line of a field completes a record. In a record of another width that is a swallowed line end.
fn fills_a_record(content: &[u8], delimiter: u8, column: usize, width: usize) -> bool {
    let first = content.split(|b| is_line_end(*b)).next().unwrap_or_default();
    width >= 2 && first.contains(&delimiter) && first.iter().filter(|b| **b == delimiter).count() + column + 1 == width
}

/// Whether a field that starts in `column` holds a whole record, or the end of one record and the start of the next.
fn holds_records(content: &[u8], delimiter: u8, column: usize, width: usize) -> bool {
    let parts: Vec<usize> = content
        .split(|b| is_line_end(*b))
        .filter(|line| !line.is_empty())
        .map(|line| line.iter().filter(|b| **b == delimiter).count())
        .collect();
    let Some((first, rest)) = parts.split_first() else {
        return false;
    };
    let Some((last, inner)) = rest.split_last() else {
        return false;
    };
    let whole = width >= 3 && inner.iter().any(|n| *n + 1 == width);
    let joined = width >= 5 && first + column + 1 == width && *last == column;
    whole || joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
        escape: None,
    };

    #[test]
    fn a_quote_that_swallows_rows_is_found_on_its_line() {
        for (text, width, line) in [
            ("a,b,c\n1,\"2\n3,4,5\n", 3, Some(2)),
            ("a,b,c\n\"1,2,3\n4,\"5, 6\",7\n", 3, Some(2)),
            ("a,b,c\n1,2,3\n\"1,2,3\n4,5,6\n7,x\",8\n", 3, Some(3)),
            ("a,b,c,d,e\r\n\"1,2,3,4,5\r\n6\",7,8,9,0\r\n", 5, Some(2)),
            ("a,b\r1,\"x\r", 2, Some(2)),
            ("a,b\n\"x\ny\",2\n\"open,2\n", 2, Some(4)),
            ("a,b,c\n\"A,1,x\nB,2,y\"\n", 3, Some(2)),
            ("a,b\n\"A,1\nB,2\"", 2, Some(2)),
        ] {
            assert_eq!(unclosed(text, COMMAS, width), line, "{text:?}");
        }
    }

    #[test]
    fn proper_quotes_pass() {
        for text in [
            "a,b,c\n\"Tech\nStart\",\"say \"\"hi\"\", you\",3\n",
            "a,b,c\n5\" screen,2,3\nx,\"12 Main St,\nSpringfield, IL\",3\n",
            "a,b,c\n\"Foo\" Bar,2,3\n\"\",\"\"\"\",\"last\"",
        ] {
            assert_eq!(unclosed(text, COMMAS, 3), None, "{text:?}");
        }
    }
}
