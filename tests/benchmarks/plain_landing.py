"""What landing is held against: plain DuckDB reads the same drops and writes the same Parquet.

    python -m tests.benchmarks.plain_landing FOLDER OUT

Prints a line of JSON with the seconds and the peak of memory in MB. Nothing is judged, normalised,
sorted or hashed here. Of an archive the members are unpacked first, as DuckDB reads none: tables
one by one, JSON documents as the lines of one file.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import duckdb

from tests.benchmarks.memory import peak_mb


def main(drops: Path, out: Path) -> None:
    """Copy each drop as the landing writes its batches: compressed with zstd."""
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with duckdb.connect() as connection, TemporaryDirectory(dir=out) as scratch:
        for drop in sorted(drops.iterdir()):
            for path in _unpacked(drop, Path(scratch)):
                rows = _read(connection, path)
                rows.write_parquet(f"{out / path.stem}.parquet", compression="zstd")
    seconds = round(time.perf_counter() - began, 3)
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}))


def _read(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    match path.suffix:
        case ".parquet":
            return connection.read_parquet(f"{path}")
        case ".tsv":
            return connection.read_csv(f"{path}", delimiter="\t", quotechar="")
        case ".jsonl":
            return connection.read_json(f"{path}", format="newline_delimited")
        case _:
            return connection.read_csv(f"{path}")


def _unpacked(drop: Path, scratch: Path) -> Iterator[Path]:
    if drop.suffix != ".zip":
        yield drop
        return
    documents = scratch / f"{drop.stem}.jsonl"
    with ZipFile(drop) as archive:
        for info in archive.infolist():
            is_document = info.filename.endswith(".json")
            path = documents if is_document else scratch / Path(info.filename).name
            with archive.open(info) as member, path.open("ab") as file:
                shutil.copyfileobj(member, file)
                file.write(b"\n" if is_document else b"")
    yield from sorted(scratch.iterdir())


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "drops", Path(sys.argv[2]))
