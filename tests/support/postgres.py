"""A PostgreSQL of the tests' own, on loopback, run by a user without privileges."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_DEBIAN = Path("/usr/lib/postgresql")
_OWNER = "postgres"
"""The user that Debian's package makes. The server refuses to run as root."""


class NoPostgres(Exception):
    """PostgreSQL is not installed."""


@contextmanager
def postgres() -> Iterator[str]:
    """A server. Yields the address of its first database.

    Raises:
        NoPostgres: it is not installed.
    """
    programs = _programs()
    user = _OWNER if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        if user:
            shutil.chown(folder, user)
        data = Path(folder) / "data"
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories= -c max_connections=200"
        _run(user, programs / "initdb", "--auth=trust", f"--username={_OWNER}", "--encoding=UTF8", "--no-sync", data)
        _run(user, programs / "pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={folder}/log", "-o", options)
        try:
            yield f"postgresql://{_OWNER}@127.0.0.1:{port}/postgres"
        finally:
            _run(user, programs / "pg_ctl", "stop", "--wait", "--mode=immediate", f"--pgdata={data}")


def fresh_database(server: str) -> str:
    """The address of an empty database."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(_DEBIAN.glob("*/bin"))
    if not folders:
        raise NoPostgres("PostgreSQL is not installed: no initdb on the path, and none of Debian's package")
    return folders[-1]


def _run(user: str | None, *command: str | Path) -> None:
    # A pipe would stay open as long as the server, which inherits it.
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(command, user=user, cwd="/", stdout=output, stderr=output, check=False)
        output.seek(0)
        assert ended.returncode == 0, output.read().decode(errors="replace")
