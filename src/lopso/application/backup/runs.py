"""The record of backups in the database itself."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, func, insert, inspect, update

from lopso.kernel.errors import DomainError
from lopso.kernel.operations.backup_run import BackupRun


class RecordedRun:
    """A backup under way."""

    def __init__(self, engine: Engine, run_id: int | None) -> None:
        self._engine = engine
        self._id = run_id

    def done(self, *, size: int, rows: int, check: str) -> None:
        """It was made and checked."""
        self._write(size=size, rows=rows, check=check)

    def failed(self, problem: str) -> None:
        """It was not; `problem` is a short code."""
        self._write(problem=problem)

    def _write(self, **values: object) -> None:
        if self._id is not None:
            with self._engine.begin() as connection:
                connection.execute(
                    update(BackupRun).where(BackupRun.id == self._id).values(finished_at=func.now(), **values)
                )


@contextmanager
def recorded(url: str, file: str) -> Generator[RecordedRun]:
    """Note the begin and the end of a backup; nothing where the schema is older than such notes."""
    engine = create_engine(url)
    try:
        run = RecordedRun(engine, _begin(engine, file))
        try:
            yield run
        except BaseException as error:
            run.failed(type(error).__name__ if isinstance(error, DomainError | OSError) else "fault")
            raise
    finally:
        engine.dispose()


def _begin(engine: Engine, file: str) -> int | None:
    if not inspect(engine).has_table(BackupRun.__tablename__):
        return None
    with engine.begin() as connection:
        values = insert(BackupRun).values(began_at=func.now(), file=file).returning(BackupRun.id)
        return connection.execute(values).scalar_one()
