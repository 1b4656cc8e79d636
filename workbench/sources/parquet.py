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
            # texts stay coded while they are read, so that a short file can't unfold to gigabytes unseen; also inside lists
            leaves = [file.schema.column(place) for place in range(len(file.schema))]
            coded = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
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
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    total = sum(group.total_byte_size for group in groups)
    # a list may hold any number of values in a row, and equal ones take no room in the file
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    n = sum(chunk.num_values for chunk in chunks)
    if n > limits.cells:
        rows, columns = metadata.num_rows, metadata.num_columns
        raise BadInput("sources.too_many_cells", file=origin.name, rows=rows, columns=columns, allowed=limits.cells)
    for place in range(len(metadata.schema)):
        leaf = metadata.schema.column(place)
        if leaf.physical_type == "FIXED_LEN_BYTE_ARRAY" and leaf.length * metadata.num_rows > limits.text_bytes:
            size = leaf.length * metadata.num_rows >> 20
            raise BadInput("sources.text_bomb", file=origin.name, column=leaf.path, found=size, allowed=limits.text_bytes >> 20)
    if total > limits.bytes:
        raise BadInput("sources.too_big", file=origin.name, found=total >> 20, allowed=limits.bytes >> 20)
