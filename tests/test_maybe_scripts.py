from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.recipes.base import Case
from rewriter.recipes.maybe_scripts import maybe_scripts
from tests.cases import case_from

APT = "RUN apt-get update && apt-get install -y tool\n"
WRITES = "RUN printf '#!/bin/sh\\ndate\\n' > /usr/local/bin/start\n"
COPIES = "COPY --from=golang:1.22 /out/tool /usr/local/bin/\n"


@pytest.mark.parametrize(
    ("base", "lines", "name", "maybe"),
    [
        ("debian:12", "", "tool", False),
        ("debian:12", APT, "tool", True),
        ("debian:12", APT, "other", True),
        ("debian:12", APT, "/usr/bin/other", True),
        ("debian:12", APT, "sort", False),
        ("debian:12", APT, "nginx", False),
        ("debian:12", APT, "ours", False),
        ("debian:12", APT + COPIES, "tool", False),
        ("debian:12", "", "zcat", True),
        ("debian:12", WRITES, "start", True),
        ("debian:12", "RUN curl -o /usr/local/bin/start https://example.org/start\n", "start", True),
        ("debian:12", "RUN apt-get install -y gcc\n", "start", False),
        ("python:3.12", APT, "gunicorn", False),
        ("python:3.12", APT, "tool", True),
        ("python:3.12", APT, "python", False),
        ("node:22", APT, "npm", False),
        # The start scripts of sbt and Gradle, built here or in another stage.
        ("eclipse-temurin:21", "", "target/universal/stage/bin/app", True),
        ("eclipse-temurin:21-jre", "COPY --from=golang:1.22 /src/build/install/app /app\n", "/app/bin/app", True),
        ("eclipse-temurin:21", "", "/opt/java/openjdk/bin/java", False),
        ("eclipse-temurin:21", "", "/usr/local/bin/ours", False),
        ("debian:12", "COPY --from=golang:1.22 /src/app /app\n", "/app/bin/app", False),
    ],
)
def test_which_programs_have_to_be_looked_into(base: str, lines: str, name: str, maybe: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a row of the table
    text = f'FROM {base}\n{lines}COPY ours /usr/local/bin/\nCMD ["date"]\n'
    case = case_from(text, tmp_path, {"ours": "#!/bin/sh\ndate\n"})
    assert isinstance(case, Case), case
    assert maybe_scripts(case, (name,)) == ((name,) if maybe else ())
