"""What reaches the program, before and after: with the image's own command, with arguments, with another entrypoint.

Each row is an original's ENTRYPOINT and CMD, the words after `docker run IMAGE`, and the arguments the program then
sees; 127 where nothing can be started. Only a shell-form ENTRYPOINT, which ignores every argument, has another column.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.e2e import harness
from tests.e2e.bases import built
from tests.e2e.convert import converted
from tests.e2e.harness import Image

pytestmark = pytest.mark.engine
NOT_STARTED = "127"
PROGRAM = """package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Print(strings.Join(os.Args[1:], " "))
}
"""
BUILD = """FROM golang:1.20
WORKDIR /src
COPY . .
RUN go build -o /app
"""
CMD_EXEC = 'CMD ["/app", "a"]'
CMD_SHELL = "CMD /app a"
ENTRYPOINT_ONLY = 'ENTRYPOINT ["/app", "e"]'
ENTRYPOINT_CMD = 'ENTRYPOINT ["/app"]\nCMD ["a"]'
ENTRYPOINT_CMD_SHELL = 'ENTRYPOINT ["/app"]\nCMD echo b'
CMD_SHELL_SCRIPT = "CMD /app one && /app two"
ENTRYPOINT_SHELL = "ENTRYPOINT /app a"
ENTRYPOINT_SHELL_CMD = 'ENTRYPOINT exec /app a\nCMD ["never seen"]'
Both = Callable[[str], tuple[Image, Image]]


@pytest.fixture(scope="module")
def both(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Both:  # noqa: ARG001 - the images need the engine
    context = tmp_path_factory.mktemp("arguments")
    (context / "go.mod").write_text("module example.com/arguments\n\ngo 1.20\n")
    (context / "main.go").write_text(PROGRAM)
    return cache(lambda command: (built(BUILD + command, context), built(converted(BUILD + command, context), context)))


def seen(image: Image, arguments: str, *options: str) -> str:
    ended = harness.run_to_end(image, *arguments.split(), options=options)
    return ended.output.stdout if ended.exit_code == 0 else str(ended.exit_code)


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        (CMD_EXEC, "", "a"),
        (CMD_EXEC, "/app x", "x"),
        (CMD_EXEC, "x", NOT_STARTED),
        (CMD_EXEC, "--flag", NOT_STARTED),
        (CMD_SHELL, "", "a"),
        (CMD_SHELL, "/app x y", "x y"),
        (CMD_SHELL, "x", NOT_STARTED),
        (ENTRYPOINT_ONLY, "", "e"),
        (ENTRYPOINT_ONLY, "x", "e x"),
        (ENTRYPOINT_ONLY, "-v --flag", "e -v --flag"),
        (ENTRYPOINT_CMD, "", "a"),
        (ENTRYPOINT_CMD, "x", "x"),
        (ENTRYPOINT_CMD, "--flag", "--flag"),
        (ENTRYPOINT_CMD_SHELL, "", "/bin/sh -c echo b"),
        (ENTRYPOINT_CMD_SHELL, "x", "x"),
        (CMD_SHELL_SCRIPT, "", "onetwo"),
        (CMD_SHELL_SCRIPT, "/app x", "x"),
        (ENTRYPOINT_SHELL, "", "a"),
        (ENTRYPOINT_SHELL_CMD, "", "a"),
    ],
)
def test_arguments_reach_the_program_as_before(both: Both, command: str, arguments: str, expected: str) -> None:
    assert [seen(image, arguments) for image in both(command)] == [expected, expected]


@pytest.mark.parametrize(
    ("command", "arguments", "before", "after"),
    [
        (ENTRYPOINT_SHELL, "/app x", "a", "x"),
        (ENTRYPOINT_SHELL, "--flag", "a", NOT_STARTED),
        (ENTRYPOINT_SHELL_CMD, "/app x", "a", "x"),
    ],
)
def test_arguments_replace_what_a_shell_ignored(
    both: Both, command: str, arguments: str, before: str, after: str
) -> None:
    assert [seen(image, arguments) for image in both(command)] == [before, after]


@pytest.mark.parametrize("command", [CMD_EXEC, CMD_SHELL, ENTRYPOINT_CMD, ENTRYPOINT_SHELL])
def test_another_entrypoint_is_found_by_its_path(both: Both, command: str) -> None:
    assert [seen(image, "x y", "--entrypoint", "/app") for image in both(command)] == ["x y", "x y"]


@pytest.mark.parametrize("command", [CMD_EXEC, ENTRYPOINT_CMD])
def test_an_emptied_entrypoint_leaves_the_arguments(both: Both, command: str) -> None:
    assert [seen(image, "/app z", "--entrypoint", "") for image in both(command)] == ["z", "z"]


@pytest.mark.parametrize("command", [CMD_EXEC, ENTRYPOINT_CMD, ENTRYPOINT_SHELL])
def test_an_init_of_the_engine_on_top_does_no_harm(both: Both, command: str) -> None:
    assert [seen(image, "", "--init") for image in both(command)] == ["a", "a"]
