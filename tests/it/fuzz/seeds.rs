//! Files to start from, and changes made to them.

use super::Dice;

const SEEDS: [(&str, &str); 9] = [
    (
        "a.csv",
        "Account ID,Account Name,ARR (USD),Renewal Date,NPS\nA1,\"Acme, Inc.\",\"$1,200.50\",2026-09-01,40\nA2,Beta,12k,3/4/2026,-5\nA1,Acme,5,,\nTotal,,17,,\n",
    ),
    (
        "b.csv",
        "sep=;\r\nKonto;ARR;Status\r\n\"Müller \"\"x\"\"\";1.234,50 €;aktiv\r\nÄrzte;85 000,00;gekündigt\r\n",
    ),
    (
        "c.tsv",
        "Report\n\nname\tmrr\tcurrency\tchurned at\nA\t1,20,000\tINR\t\nB\t5\tEUR\t2025-01-01\n",
    ),
    (
        "d.txt",
        "subscription_id|customer_id|interval|interval_count|amount|currency|status|start_date|end_date\ns1|C1|month|3|1000|usd|active|2025-01-01|\ns2|C1|year|1|-5|usd|trialing|1735689600|\n",
    ),
    (
        "e.json",
        "{\"records\": [{\"Id\": \"001\", \"Name\": \"A\", \"arr\": 1e3, \"usage\": {\"dau\": 0.4, \"tags\": [\"x\", null]}}, {\"Id\": null, \"arr\": NaN}], \"done\": true}",
    ),
    (
        "f.jsonl",
        "{\"name\": \"A\", \"arr\": 5}\n{\"name\": \"B\", \"arr\": \"6,5\", \"x\": {\"y\": [1]}}\n",
    ),
    (
        "g.json",
        "{\"name\": {\"0\": \"A\", \"1\": \"B\"}, \"arr\": {\"0\": 1, \"1\": 2}}",
    ),
    (
        "h.md",
        "# Notes\n\n| Account | ARR | NPS |\n|:--|--:|---|\n| **A \\| B** | $5 | 9 |\n| [C](http://c) | `6` | |\n",
    ),
    (
        "i.csv",
        "name,arr,arr,parent,total contract value,term\nA,1,2,B,5,12\nB,,3,A,6,2 years\n",
    ),
];

const TOKENS: [&[u8]; 30] = [
    b"\"",
    b"\"\"",
    b"'",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\\",
    b"\\\"",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"99999999999999999999999",
    b"-",
    b"1e308",
    b"NaN",
    b"\xe2\x80\xae",
    b"=cmd()",
    b"|---|",
    b"sep=,\n",
    b"#REF!",
];

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["Account", "ARR", "Health"], ["A", "5", "80"], ["B", "$6.50", "x"]]
        .iter()
        .enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32 + 2, column as u16, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

pub(super) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = SEEDS
        .iter()
        .map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()))
        .collect();
    let wide: Vec<u8> = SEEDS[0].1.encode_utf16().flat_map(u16::to_le_bytes).collect();
    seeds.push(("wide.csv".into(), wide));
    seeds.push(("book.xlsx".into(), workbook()));
    seeds
}

/// A few changes: bytes changed, pieces taken out, doubled, or spliced in from another seed, tokens put in.
pub(super) fn mutated(dice: &mut Dice, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let len = dice.below(24).min(bytes.len() - at);
        match dice.below(7) {
            0 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
            1 => drop(bytes.drain(at..at + len)),
            2 => {
                let piece = bytes[at..at + len].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let from = dice.below(other.len());
                let to = (from + dice.below(200)).min(other.len());
                bytes.splice(at..at, other[from..to].to_vec());
            }
            4 => bytes.truncate(at),
            _ => {
                let token = *dice.pick(&TOKENS);
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
    bytes
}
