"""A real forge on loopback: Pagure with its own git, from Debian 13, in a root of its own.

It has pull requests, tokens and pushes over HTTP. Two users are in it, `alice` and `dfmod-bot`. The programs run in a
mount namespace, so that nothing stays mounted when they end, however they end.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab import daemons, debian
from tests.lab.machine import folder, locked, run

PACKAGES = ("python3", "pagure", "redis-server", "git")
PORT, REDIS_PORT = 15080, 16381
USERS = ("alice", "dfmod-bot")
# The folder of the forge's data, inside its root.
HOME = "srv/forge"
ENTER = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec /usr/sbin/chroot "$0" "$@"'

SETTINGS = f"""
SECRET_KEY = SALT_EMAIL = "for tests only"
DB_URL = "sqlite:////{HOME}/db.sqlite"
APP_URL = GIT_URL_GIT = "http://127.0.0.1:{PORT}/"
DOC_APP_URL = "http://127.0.0.1:{PORT + 1}"
GIT_AUTH_BACKEND = "pagure"
GIT_FOLDER = "/{HOME}/repositories"
REMOTE_GIT_FOLDER = "/{HOME}/remotes"
REPOSPANNER_PSEUDO_FOLDER = "/{HOME}/pseudo"
ATTACHMENTS_FOLDER = UPLOAD_FOLDER_PATH = "/{HOME}/files"
UPLOAD_FOLDER_URL = "/releases/"
REDIS_HOST, REDIS_PORT, REDIS_DB = "127.0.0.1", {REDIS_PORT}, 0
ALLOW_HTTP_PULL_PUSH = ALLOW_HTTP_PUSH = True
HTTP_REPO_ACCESS_GITOLITE = None
ALLOW_PROJECT_DOWAIT = True
EMAIL_SEND = SESSION_COOKIE_SECURE = CHECK_SESSION_IP = WEBHOOK = False
PAGURE_AUTH = "local"
ADMIN_GROUP = []
"""
# The web framework of that release prints the header values of git, which are bytes, as Python writes bytes.
SERVE = f"""
from pagure.flask_app import create_app

app = create_app()

@app.after_request
def plain_headers(response):
    for name, value in list(response.headers.items()):
        if value.startswith("b'") and value.endswith("'"):
            response.headers[name] = value[2:-1]
    return response

app.run(host="127.0.0.1", port={PORT}, threaded=True)
"""
SEED = """
import datetime, json, sys
from pagure.config import config
from pagure.lib import login, model, model_base

session = model_base.create_session(config["DB_URL"])
tokens = {}
for name in sys.argv[1:]:
    mail = name + "@example.invalid"
    user = model.User(user=name, fullname=name, default_email=mail, password=login.generate_hashed_value("pw"))
    session.add(user)
    session.flush()
    ends = datetime.datetime.utcnow() + datetime.timedelta(days=300)
    token = model.Token(id=login.id_generator(64), user_id=user.id, description="tests", expiration=ends)
    session.add_all([model.UserEmail(user_id=user.id, email=mail), token])
    session.flush()
    session.add_all([model.TokenAcl(token_id=token.id, acl_id=acl.id) for acl in session.query(model.ACL)])
    tokens[name] = token.id
session.commit()
with open("tokens.json", "w") as file:
    json.dump(tokens, file)
"""


@dataclass(frozen=True)
class Forge:
    """Where it is, and the token of each user."""

    url: str
    tokens: dict[str, str]


@contextmanager
def running() -> Iterator[Forge]:
    """Have the forge run meanwhile; it is stopped by the last of those who have it, in whatever process.

    Raises:
        LabError: it cannot be had on this machine.
    """
    with (folder("forge") / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield start()
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop()


def start() -> Forge:
    """Start the forge, unless it runs, and return it. The first time takes about two minutes and needs root.

    Raises:
        LabError: it cannot be had on this machine.
    """
    with locked():
        home = _home()
        _daemon("forge-redis", "redis-server", "--port", str(REDIS_PORT), "--bind", "127.0.0.1", "--save", "")
        _daemon("forge-worker", "celery", "-A", "pagure.lib.tasks", "worker", "--concurrency=2")
        _daemon("forge-web", "python3", f"/{HOME}/serve.py")
        return Forge(f"http://127.0.0.1:{PORT}", json.loads((home / "tokens.json").read_text()))


def stop() -> None:
    """Stop what `start` started."""
    with locked():
        for name in ("forge-web", "forge-worker", "forge-redis"):
            daemons.stop(name)


def _home() -> Path:
    """Return the folder of the forge's data, made and filled if need be."""
    root = folder("forge") / "root"
    if not (root / "usr/bin/python3").exists():
        _make_root(root)
    home = root / HOME
    for name in ("repositories", "remotes", "pseudo", "files"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "settings.cfg").write_text(SETTINGS)
    (home / "serve.py").write_text(SERVE)
    if not (home / "tokens.json").exists():
        _fill(root, home)
    return home


def _make_root(root: Path) -> None:
    partial = root.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    run("tar", "-x", "-f", debian.root_tar("trixie", PACKAGES), "-C", partial, "--exclude=./dev/*")
    partial.rename(root)


def _fill(root: Path, home: Path) -> None:
    (home / "db.sqlite").unlink(missing_ok=True)
    alembic = (root / "etc/pagure/alembic.ini").read_text().splitlines()
    address = f"sqlalchemy.url = sqlite:////{HOME}/db.sqlite"
    ours = (address if line.startswith("sqlalchemy.url") else line for line in alembic)
    (home / "alembic.ini").write_text("\n".join(ours))
    (home / "seed.py").write_text(SEED)
    configured = ("-c", f"/{HOME}/settings.cfg", "-i", f"/{HOME}/alembic.ini")
    run(*_inside("python3", "/usr/share/pagure/createdb.py", *configured))
    run(*_inside("python3", f"/{HOME}/seed.py", *USERS))


def _daemon(name: str, *command: str) -> None:
    checks = {"forge-redis": _redis_answers, "forge-web": _web_answers}
    ready = checks.get(name, lambda: True)
    daemons.start(name, *_inside(*command), ready=ready, env=dict(os.environ))


def _inside(*command: str) -> tuple[str, ...]:
    """Return the command line that runs a program inside the root, with nothing of this machine's environment."""
    variables = (
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        f"HOME=/{HOME}",
        "LANG=C.UTF-8",
        f"PAGURE_CONFIG=/{HOME}/settings.cfg",
        f"PYTHONPATH=/{HOME}",
        "PYTHONWARNINGS=ignore",
        "C_FORCE_ROOT=1",
    )
    root = str(folder("forge") / "root")
    clean = ("/usr/bin/env", "-i", f"--chdir=/{HOME}", *variables, *command)
    return ("/usr/bin/unshare", "--mount", "/bin/sh", "-c", ENTER, root, *clean)


def _web_answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/0/version", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _redis_answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", REDIS_PORT), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
