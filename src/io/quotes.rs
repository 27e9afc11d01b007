//! Quotes that were never closed: found before parsing, because a lenient parser silently swallows the rows after them.

use super::dialect::Dialect;

/// A quote that is not closed where it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    /// The line on which it opens.
    pub(crate) line: u64,
    /// How many lines after that one it takes into its cell.
    pub(crate) swallows: u64,
}

/// Error: the first quote that is never closed or that evidently swallows whole records.
///
/// `width` is the number of columns. A quoted field of several lines is suspect when text follows its closing quote, when it
/// has the shape of records of this table, or when it looks like records and leaves its own record with another width.
///
/// Else where records begin: for each of the rising positions that are wanted, the first at or after it.
pub(crate) fn check(text: &str, dialect: Dialect, width: usize, wanted: &[usize]) -> Result<Vec<usize>, Open> {
    let Dialect { delimiter, quote, .. } = dialect;
    let bytes = text.as_bytes();
    if memchr::memchr(quote, bytes).is_none() {
        return Ok(wanted.iter().filter_map(|at| line_start(bytes, *at)).collect());
    }
    let mut wanted = wanted.iter().copied().peekable();
    let mut starts = Vec::new();
    let spaced = is_spaced(bytes.split(|b| is_line_end(*b)).next().unwrap_or_default(), delimiter);
    let (mut at, mut line, mut column, mut fresh) = (0, 1_u64, 0, true);
    let mut suspect: Option<Open> = None;
    while let Some(&byte) = bytes.get(at) {
        if fresh && column == 0 && suspect.is_none() {
            // From the start of a line to that of the next line with a quote in it: nothing there can be open.
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(quoted) = memchr::memchr(quote, rest) else {
                starts.extend(wanted.filter_map(|at| line_start(bytes, at)));
                return Ok(starts);
            };
            let before = rest.get(..quoted).unwrap_or_default();
            if let Some(end) = memchr::memrchr2(b'\r', b'\n', before) {
                let start = at + end + 1;
                line += line_ends(before.get(..=end).unwrap_or_default());
                while let Some(at) = wanted.next_if(|wanted| *wanted <= start) {
                    starts.extend(line_start(bytes, at));
                }
                at = start;
                continue;
            }
        }
        match byte {
            _ if byte == quote && fresh => {
                let end = closing(bytes, at + 1, dialect);
                let content = bytes.get(at + 1..end.unwrap_or(bytes.len())).unwrap_or_default();
                let open = Open {
                    line,
                    swallows: content
                        .split(|b| is_line_end(*b))
                        .skip(1)
                        .filter(|line| !line.is_empty())
                        .count() as u64,
                };
                let Some(end) = end else { return Err(open) };
                let follower = bytes.get(end + 1).copied();
                let broken = follower.is_some_and(|b| b != delimiter && !is_line_end(b));
                let lines = line_ends(content);
                let looks = Looks::of(content, delimiter, column, width, spaced);
                if lines > 0 && (broken || looks == Looks::Records) {
                    return Err(open);
                }
                if lines > 0 && looks == Looks::Perhaps {
                    suspect.get_or_insert(open);
                }
                line += lines;
                at = end;
                fresh = false;
            }
            b'\r' | b'\n' => {
                if let Some(open) = suspect.take().filter(|_| column + 1 != width) {
                    return Err(open);
                }
                at += usize::from(byte == b'\r' && bytes.get(at + 1) == Some(&b'\n'));
                (line, column, fresh) = (line + 1, 0, true);
                if wanted.next_if(|wanted| *wanted <= at + 1).is_some() {
                    while wanted.next_if(|wanted| *wanted <= at + 1).is_some() {}
                    starts.extend(Some(at + 1).filter(|start| *start < bytes.len()));
                }
            }
            _ if byte == delimiter => (column, fresh) = (column + 1, true),
            _ => fresh = false,
        }
        at += 1;
    }
    match suspect.filter(|_| column + 1 != width) {
        Some(open) => Err(open),
        None => Ok(starts),
    }
}

/// The first beginning of a line at or after a position.
fn line_start(bytes: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(1);
    let end = from + memchr::memchr2(b'\n', b'\r', bytes.get(from..)?)?;
    let pair = bytes.get(end) == Some(&b'\r') && bytes.get(end + 1) == Some(&b'\n');
    Some(end + 1 + usize::from(pair)).filter(|start| *start < bytes.len())
}

/// How many line ends (LF, CRLF or CR) there are.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    let returns = memchr::memchr_iter(b'\r', bytes);
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    (memchr::memchr_iter(b'\n', bytes).count() + returns.filter(alone).count()) as u64
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

/// What the content of a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Text,
    /// Some of it has the shape of records; whether they are is seen from the width of the record that holds it.
    Perhaps,
    /// The end of one record, whole ones, and the start of another.
    Records,
}

impl Looks {
    fn of(content: &[u8], delimiter: u8, column: usize, width: usize, spaced: bool) -> Looks {
        let lines: Vec<&[u8]> = content.split(|b| is_line_end(*b)).filter(|line| !line.is_empty()).collect();
        let count = |line: &[u8]| line.iter().filter(|b| **b == delimiter).count();
        // In prose a blank follows the comma.
        let cells = |line: &[u8], n: usize| count(line) == n && (n == 0 || spaced || !is_spaced(line, delimiter));
        let Some((first, rest)) = lines.split_first() else {
            return Looks::Text;
        };
        let Some((last, inner)) = rest.split_last() else {
            return Looks::Text;
        };
        let fills = count(first) + column + 1 == width;
        let is_whole = |line: &&[u8]| width >= 2 && cells(line, width - 1);
        let whole = inner.iter().filter(|line| is_whole(line)).count();
        let long_enough = width >= 5 || (width >= 3 && whole > 0);
        match () {
            () if long_enough && fills && whole == inner.len() && cells(last, column) => Looks::Records,
            () if width >= 3 && whole > 0 => Looks::Perhaps,
            () if width >= 2 && fills && count(first) > 0 => Looks::Perhaps,
            () => Looks::Text,
        }
    }
}

/// Whether a blank follows every delimiter of a line.
fn is_spaced(line: &[u8], delimiter: u8) -> bool {
    line.contains(&delimiter)
        && line
            .windows(2)
            .all(|pair| !matches!(pair, [a, b] if *a == delimiter && *b != b' '))
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
            ("a,b,c\n1,2,\"x\n3,4,y\n5,6,z\"\n", 3, Some(2)),
            ("a, b, c\n1, 2,\"x\n3, 4, y\n5, 6, z\"\n", 3, Some(2)),
        ] {
            assert_eq!(check(text, COMMAS, width, &[]).err().map(|open| open.line), line, "{text:?}");
        }
    }

    #[test]
    fn what_an_open_quote_swallows_is_counted() {
        for (text, swallows) in [
            ("a,b,c\n1,\"2\n3,4,5\n\n6,7,8\n", 2),
            ("a,b,c\r\n\"1,2,3\r\n4,5,6\r\n7,x\",8\r\n9,9,9\r\n", 2),
        ] {
            assert_eq!(
                check(text, COMMAS, 3, &[]).err(),
                Some(Open { line: 2, swallows }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn proper_quotes_pass() {
        for text in [
            "a,b,c\n\"Tech\nStart\",\"say \"\"hi\"\", you\",3\n",
            "a,b,c\n5\" screen,2,3\nx,\"12 Main St,\nSpringfield, IL\",3\n",
            "a,b,c\n\"Foo\" Bar,2,3\n\"\",\"\"\"\",\"last\"",
            "a,b,c\n1,2,\"Call log:\nspoke to Ann, Bob, and Cy\nnext step: none\"\n4,5,6\n",
            "a,b,c\n1,2,\"Call log:\nAnn,Bob,Cy\nnext step: none\"\n4,5,6\n",
            "a,b,c\n1,2,\"Called:\nAnn, Bob, and Cy\nDan, Eve, and Flo\"\n4,5,6\n",
        ] {
            assert_eq!(check(text, COMMAS, 3, &[]), Ok(Vec::new()), "{text:?}");
        }
    }

    #[test]
    fn records_begin_after_line_ends_that_no_quote_holds() {
        for (text, starts) in [
            ("a,b\n\"x\ny\",2\r\n3,4\n", vec![4, 13]),
            ("a,b\nx,2\r\n3,4\r5,6", vec![4, 9, 13]),
            ("a,\"b\nc\"", vec![]),
        ] {
            let every: Vec<usize> = (1..text.len()).collect();
            assert_eq!(
                check(text, COMMAS, 2, &every).map(|mut found| {
                    found.dedup();
                    found
                }),
                Ok(starts),
                "{text:?}"
            );
        }
    }
}
