//! Bytes into text: which encoding a file is in, and how that is known.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::quoted;
use crate::error::{Problem, Result};
use crate::model::finding::Finding;

/// A decoded file.
pub(crate) struct Text<'b> {
    pub(crate) text: Cow<'b, str>,
    /// For the format that is shown: `UTF-8`, `Windows-1252`.
    pub(crate) encoding: &'static str,
    /// What a person should know about the decoding.
    pub(crate) note: Option<Finding>,
}

/// Decodes a file. Errors: `empty_file`, `unsupported_encoding` (UTF-32, or UTF-16 that is cut or broken).
pub(crate) fn decode<'b>(bytes: &'b [u8], name: &str) -> Result<Text<'b>> {
    let decoded = decoded(bytes, name)?;
    if decoded
        .text
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .is_empty()
    {
        return Err(Problem::new("empty_file", format!("{} is empty", quoted(name)))
            .at("path")
            .expected("a header and rows")
            .into());
    }
    Ok(decoded)
}

fn decoded<'b>(bytes: &'b [u8], name: &str) -> Result<Text<'b>> {
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err(broken(name, "is in UTF-32"));
    }
    if let Some(encoding) = utf16(bytes) {
        let body = bytes
            .strip_prefix(b"\xff\xfe")
            .or(bytes.strip_prefix(b"\xfe\xff"))
            .unwrap_or(bytes);
        let (text, errors) = encoding.decode_without_bom_handling(body);
        return match errors {
            true => Err(broken(name, "looks like UTF-16 and cannot be decoded whole")),
            false => Ok(plain(text, label(encoding))),
        };
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(body) {
        Ok(text) => Ok(plain(Cow::Borrowed(text), "UTF-8")),
        Err(_) if body.len() < bytes.len() || mostly_utf8(body) => Ok(patched(body)),
        Err(_) => Ok(legacy(body)),
    }
}

fn plain<'b>(text: Cow<'b, str>, encoding: &'static str) -> Text<'b> {
    Text {
        text,
        encoding,
        note: None,
    }
}

fn broken(name: &str, what: &str) -> crate::error::Error {
    Problem::new("unsupported_encoding", format!("{} {what}", quoted(name)))
        .at("path")
        .expected("UTF-8: in a spreadsheet, save as `CSV UTF-8`")
        .into()
}

/// A byte order mark, or every other byte zero.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 1_024;
    if bytes.starts_with(b"\xff\xfe") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some(UTF_16BE);
    }
    let head = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = head.len() >= 8 && even.max(odd) * 5 > head.len() * 2;
    match (enough, odd > even) {
        (false, _) => None,
        (true, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
    }
}

/// Whether nearly all of what is not ASCII is sound UTF-8: then a few stray bytes do not make it another encoding.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken * 4
}

/// UTF-8 in which stray bytes are read as Windows-1252, where nearly all of them come from.
fn patched(bytes: &[u8]) -> Text<'static> {
    let mut text = String::with_capacity(bytes.len());
    let (mut stray, mut line, mut first) = (0, 1, 0);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        line += chunk.valid().matches('\n').count();
        if !chunk.invalid().is_empty() {
            stray += 1;
            first = if first == 0 { line } else { first };
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    let note = format!(
        "{stray} characters from line {first} on are not UTF-8 as the rest of the file is; they are read as Windows-1252. Check the names there"
    );
    Text {
        text: Cow::Owned(text),
        encoding: "UTF-8",
        note: Some(Finding::warning("mixed_encodings", note)),
    }
}

/// An encoding from before UTF-8. Western European is taken unless the bytes speak for another script.
fn legacy(bytes: &[u8]) -> Text<'_> {
    let returns = bytes.contains(&b'\r') && !bytes.contains(&b'\n');
    let encoding = if returns { MACINTOSH } else { detected(bytes) };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let note = format!(
        "the file is not UTF-8; it is read as {}, judged by its letters. If names look wrong, save it as UTF-8",
        label(encoding)
    );
    Text {
        text,
        encoding: label(encoding),
        note: Some(Finding::info("legacy_encoding", note)),
    }
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    // The detector weighs letter pairs; so few of them say too little against the commonest encoding by far.
    const LETTERS_MIN: usize = 12;
    if bytes.iter().filter(|b| !b.is_ascii()).count() < LETTERS_MIN {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    match detector.guess(None, Utf8Detection::Deny) {
        guess if guess == UTF_8 => WINDOWS_1252,
        guess if guess.decode_without_bom_handling(bytes).1 => WINDOWS_1252,
        guess => guess,
    }
}

/// Names as people know them.
fn label(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "windows-1252" => "Windows-1252",
        "windows-1250" => "Windows-1250",
        "windows-1251" => "Windows-1251",
        "macintosh" => "Mac Roman",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_recognised() {
        let utf16 = |text: &str, le: bool| -> Vec<u8> {
            let bytes = |u: u16| if le { u.to_le_bytes() } else { u.to_be_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        let cases: Vec<(Vec<u8>, &str, &str)> = vec![
            (b"name,arr\nM\xc3\xbcller,1\n".to_vec(), "UTF-8", "Müller"),
            (b"\xef\xbb\xbfname,arr\n\xc3\x89,1\n".to_vec(), "UTF-8", "É"),
            (marked(b"\xff\xfe", utf16("näme\t1\r\n", true)), "UTF-16LE", "näme"),
            (marked(b"\xfe\xff", utf16("näme\t1\r\n", false)), "UTF-16BE", "näme"),
            (utf16("name,arr\nÄrzte,1\n", true), "UTF-16LE", "Ärzte"),
            (utf16("name,arr\nÄrzte,1\n", false), "UTF-16BE", "Ärzte"),
            (b"name,arr\nM\xfcller,1\n".to_vec(), "Windows-1252", "Müller"),
            (b"name,arr\n\x80 5 \x96 caf\xe9,1\n".to_vec(), "Windows-1252", "€ 5 – café"),
            (b"name,arr\rcaf\x8e,1\r".to_vec(), "Mac Roman", "café"),
            (
                b"name,arr\nM\xc3\xbcller \xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f,1\ncaf\xe9,2\n".to_vec(),
                "UTF-8",
                "café",
            ),
        ];
        for (bytes, encoding, text) in cases {
            let decoded = decode(&bytes, "f").unwrap();
            assert_eq!(decoded.encoding, encoding);
            assert!(decoded.text.contains(text), "{encoding}: {}", decoded.text);
            assert_eq!(
                decoded.note.is_some(),
                std::str::from_utf8(&bytes).is_err() && !encoding.starts_with("UTF-16")
            );
        }
        let russian = encoding_rs::WINDOWS_1251
            .encode("Имя,сумма\nОбщество с ограниченной ответственностью,1\n")
            .0;
        assert_eq!(decode(&russian, "f").unwrap().encoding, "Windows-1251");
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for (bytes, code) in [
            (&b""[..], "empty_file"),
            (b"\xef\xbb\xbf\r\n \n", "empty_file"),
            (b"\xff\xfe\0\0a\0\0\0", "unsupported_encoding"),
            (b"\xff\xfea\0\0\xd8b\0", "unsupported_encoding"),
        ] {
            assert_eq!(decode(bytes, "f").err().map(|e| e.code()), Some(code), "{bytes:?}");
        }
    }
}
