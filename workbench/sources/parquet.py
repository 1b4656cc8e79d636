"""Parquet files: their size is checked by what the file says of itself before a row is read."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.errors import BadInput
from workbench.sources import frames
from workbench.sources.origin import Origin
from workbench.sources.parts import Limits, Overrides, Raw, Watch


def read(origin: Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """The file's columns as text; row 1 is its first row."""
    try:
        with pq.ParquetFile(origin.path) as file:
            frames.check_size(file.metadata.num_rows, file.metadata.num_columns, origin.name, limits)
            _check_bytes(file.metadata, origin, limits)
            schema = file.schema_arrow
        # texts stay coded while they are read, so that a short file can't unfold to gigabytes unseen
        coded = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
        with pq.ParquetFile(origin.path, read_dictionary=coded) as file:
            groups = []
            for place in range(file.num_row_groups):
                groups.append(file.read_row_group(place))
                watch.at(0.5 * (place + 1) / file.num_row_groups, "reading")
            table = pa.concat_tables(groups) if groups else schema.empty_table()
    except (pa.ArrowException, OSError) as error:
        raise BadInput("sources.parquet_bad", file=origin.name, found=str(error).splitlines()[0][:200]) from None
    return frames.raw(table.column_names, table.columns, origin.name, limits, watch)


def _check_bytes(metadata: pq.FileMetaData, origin: Origin, limits: Limits) -> None:
    total = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    if total > limits.bytes:
        raise BadInput("sources.too_big", file=origin.name, found=total >> 20, allowed=limits.bytes >> 20)
