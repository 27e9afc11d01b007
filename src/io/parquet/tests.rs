//! Parquet files with the types that exports use.

use std::sync::Arc;

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use crate::io::table_of;

const SCHEMA: &str = "message book {
    required binary name (UTF8);
    optional double arr;
    optional int32 renewal (DATE);
    optional int64 modified (TIMESTAMP(MILLIS, true));
    optional int64 created (TIMESTAMP(NANOS, true));
    optional boolean reference;
    required group usage { optional int32 seats; }
}";

fn file() -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = |fill: &dyn Fn(&mut SerializedColumnWriter)| {
        let mut column = group.next_column().unwrap().unwrap();
        fill(&mut column);
        column.close().unwrap();
    };
    let names: Vec<ByteArray> = ["Acme", "Beta"].map(ByteArray::from).to_vec();
    column(&|c| assert!(c.typed::<ByteArrayType>().write_batch(&names, None, None).is_ok()));
    column(&|c| assert!(c.typed::<DoubleType>().write_batch(&[1200.5], Some(&[1, 0]), None).is_ok()));
    column(&|c| {
        assert!(
            c.typed::<Int32Type>()
                .write_batch(&[20_697, 20_698], Some(&[1, 1]), None)
                .is_ok()
        )
    });
    column(&|c| {
        assert!(
            c.typed::<Int64Type>()
                .write_batch(&[1_788_220_800_000], Some(&[0, 1]), None)
                .is_ok()
        )
    });
    column(&|c| {
        assert!(
            c.typed::<Int64Type>()
                .write_batch(&[1_788_220_800_000_000_000], Some(&[1, 0]), None)
                .is_ok()
        )
    });
    column(&|c| assert!(c.typed::<BoolType>().write_batch(&[true, false], Some(&[1, 1]), None).is_ok()));
    column(&|c| assert!(c.typed::<Int32Type>().write_batch(&[9], Some(&[0, 1]), None).is_ok()));
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn values_are_read_as_their_csv_would_be() {
    let table = table_of(&file(), "book.parquet").unwrap();
    assert_eq!(
        table.headers(),
        ["name", "arr", "renewal", "modified", "created", "reference", "usage.seats"]
    );
    let rows: Vec<Vec<&str>> = (0..table.n_rows()).map(|row| table.row(row).collect()).collect();
    assert_eq!(
        rows[0],
        ["Acme", "1200.5", "2026-09-01", "", "2026-09-01 00:00:00", "true", ""]
    );
    assert_eq!(rows[1], ["Beta", "", "2026-09-02", "2026-09-01 00:00:00", "", "false", "9"]);
    assert_eq!(table.place(1), "row 2");
}

#[test]
fn a_broken_file_is_refused() {
    let whole = file();
    for bytes in [&whole[..whole.len() / 2], b"PAR1PAR1", b"PAR1\xff\xff\xff\x7fPAR1"] {
        assert_eq!(table_of(bytes, "book.parquet").unwrap_err().code(), "parquet_unreadable");
    }
}
