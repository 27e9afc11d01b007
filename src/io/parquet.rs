//! Parquet files into a table: structs become columns with dots, timestamps and decimals the text they stand for.

use bytes::Bytes;
use jiff::Timestamp;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use super::builder::{Builder, ROWS_MAX};
use super::typed::number_text;
use super::{guarded, quoted};
use crate::error::{Error, Problem, Result};
use crate::model::control::Control;
use crate::model::table::{Counted, Source, Table};

/// Bytes to which a file may unpack, as it states itself.
const BYTES_MAX: i64 = 4 << 30;

/// The table in this file. Errors: `parquet_unreadable`, `file_too_large`, `too_many_rows`, those of [`Builder`].
pub(crate) fn read(bytes: &[u8], source: Source, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    guarded(&name, "parquet_unreadable", || read_whole(bytes, source, control))
}

fn read_whole(bytes: &[u8], mut source: Source, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    let failed = |e: parquet::errors::ParquetError| unreadable(&name, &e.to_string());
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(failed)?;
    let metadata = reader.metadata();
    let unpacked: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size().max(0)).sum();
    let rows = metadata.file_metadata().num_rows();
    if unpacked > BYTES_MAX || usize::try_from(rows).is_ok_and(|rows| rows > ROWS_MAX) {
        let message = format!("{} holds {rows} rows that unpack to {unpacked} bytes", quoted(&name));
        return Err(Problem::new("file_too_large", message)
            .at("path")
            .expected("at most 20 million rows and 4 GiB unpacked")
            .into());
    }
    let schema = metadata.file_metadata().schema();
    let mut columns = Vec::new();
    leaves(schema, "", &mut columns);
    source.format = "parquet".to_string();
    source.counted = Counted::Row;
    let headers = columns.iter().map(|column| column.path.clone()).collect();
    let mut builder = Builder::with_header(source, headers, u64::try_from(rows).unwrap_or(0), control)?;
    for (number, row) in (1..).zip(reader.get_row_iter(None).map_err(failed)?) {
        let mut cells = Vec::with_capacity(columns.len());
        flatten(&row.map_err(failed)?, schema, &mut cells);
        for (cell, column) in cells.iter_mut().zip(&columns) {
            if column.nanoseconds {
                *cell = from_nanoseconds(cell);
            }
        }
        builder.push(number, cells.iter().map(String::as_str))?;
    }
    builder.finish()
}

/// The number of rows, as the file states it.
pub(crate) fn n_rows(bytes: &[u8], name: &str) -> Result<usize> {
    guarded(name, "parquet_unreadable", || {
        let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(|e| unreadable(name, &e.to_string()))?;
        Ok(usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0))
    })
}

fn unreadable(name: &str, why: &str) -> Error {
    let why: String = why.chars().filter(|c| !c.is_control()).take(120).collect();
    Problem::new(
        "parquet_unreadable",
        format!("{} cannot be read as Parquet: {why}", quoted(name)),
    )
    .at("path")
    .expected("a whole Parquet file, or the same data as CSV")
    .into()
}

/// A column of the table.
struct Leaf {
    path: String,
    /// The record interface hands these over as bare numbers.
    nanoseconds: bool,
}

/// Columns in the order in which rows hold them; a struct gives one for each of its fields.
fn leaves(parent: &Type, prefix: &str, out: &mut Vec<Leaf>) {
    for field in parent.get_fields() {
        let path = match prefix {
            "" => field.name().to_string(),
            prefix => format!("{prefix}.{}", field.name()),
        };
        if is_struct(field) {
            leaves(field, &path, out);
        } else {
            let stamp = field.get_basic_info().logical_type_ref();
            let nanoseconds = matches!(stamp, Some(LogicalType::Timestamp(stamp)) if stamp.unit == TimeUnit::NANOS);
            out.push(Leaf { path, nanoseconds });
        }
    }
}

/// A group that is no list and no map.
fn is_struct(field: &Type) -> bool {
    use parquet::basic::ConvertedType::{LIST, MAP, MAP_KEY_VALUE};
    let info = field.get_basic_info();
    let nested = matches!(info.converted_type(), LIST | MAP | MAP_KEY_VALUE)
        || matches!(info.logical_type_ref(), Some(LogicalType::List | LogicalType::Map));
    field.is_group() && !nested
}

fn flatten(row: &Row, parent: &Type, cells: &mut Vec<String>) {
    let fields = parent.get_fields().iter();
    for ((_, value), field) in row.get_column_iter().zip(fields) {
        match value {
            Field::Group(inner) if is_struct(field) => flatten(inner, field, cells),
            Field::Null if is_struct(field) => {
                let mut missing = Vec::new();
                leaves(field, "", &mut missing);
                cells.extend(missing.iter().map(|_| String::new()));
            }
            value => cells.push(text(value)),
        }
    }
}

/// A value as the text that the same value has in a CSV file.
fn text(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Float(number) => number_text(number.to_string()),
        Field::Double(number) => number_text(number.to_string()),
        Field::Decimal(_) => number_text(field.to_string()),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::TimestampMillis(_) | Field::TimestampMicros(_) => {
            let shown = field.to_string();
            let plain = shown.trim_end_matches(" +00:00");
            plain.split('.').next().unwrap_or(plain).to_string()
        }
        Field::ListInternal(list) => {
            let items = list.elements();
            let nested = items
                .iter()
                .any(|item| matches!(item, Field::Group(_) | Field::ListInternal(_)));
            match nested {
                true => items.len().to_string(),
                false => items.iter().map(text).collect::<Vec<_>>().join("; "),
            }
        }
        Field::MapInternal(map) => map.len().to_string(),
        other => other.to_string(),
    }
}

fn from_nanoseconds(cell: &str) -> String {
    let stamp = cell.parse::<i128>().ok().and_then(|ns| Timestamp::from_nanosecond(ns).ok());
    stamp.map_or_else(|| cell.to_string(), |stamp| stamp.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests;
