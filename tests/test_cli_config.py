"""Configuration: what a file may say, which file counts, and that the command line counts more."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rewriter.bot.settings import SettingsError
from rewriter.cli import config as _registered  # noqa: F401 (importing registers the command)
from rewriter.cli.app import app
from rewriter.cli.configuration import NONE, finder, in_force
from rewriter.cli.faults import UsageError
from rewriter.cli.forging import converter
from rewriter.cli.keys import KEYS, Kind
from rewriter.cli.request import Request
from rewriter.cli.schema import schema
from tests.command_line import dfmod

SCHEMA = Path(__file__).parent.parent / "rewriter" / "config.schema.json"
TEXT = "FROM golang:1.20\n"
NOTED = "# case: noted\nFROM golang:1.20\n"
DECLINED = "# case: declined\nFROM ubuntu\n"
CONTEXT = "# case: context\nFROM ubuntu AS app\n"

ALL = """
tier = "slim"
target = "app"
context = "."
nonroot = true
no-init = false
init-source = "package"
registry-prefix = "mirror.example/"
pin = true
debug-target = true
templates = "t"
select = ["unknown-base"]
ignore = ["does-not-build"]
strict = true
exclude = ["old/**", "!old/kept"]
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def lay(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def test_every_key_can_be_said_and_is_in_force() -> None:
    lay({".dfmod.toml": ALL, "t/x": ""})
    found = finder()("Dockerfile")
    assert in_force(Request(()), found) == Request(
        (),
        tier="slim",
        target="app",
        context=".",
        nonroot=True,
        no_init=False,
        init_source="package",
        registry_prefix="mirror.example/",
        pin=True,
        debug_target=True,
        templates="t",
        select=("unknown-base",),
        ignore=("does-not-build",),
        strict=True,
        exclude=("old/**", "!old/kept"),
    )
    assert set(found.values) == {key.field for key in KEYS.values()}


def test_the_command_line_counts_more() -> None:
    lay({".dfmod.toml": ALL, "t/x": ""})
    said = Request((), tier="init", nonroot=False, registry_prefix="", select=("unpinned-base",), no_init=True)
    force = in_force(said, finder()("Dockerfile"))
    assert (force.tier, force.nonroot, force.registry_prefix, force.select) == ("init", False, "", ("unpinned-base",))
    # Whoever leaves the init out has also said that it comes from nowhere.
    assert (force.no_init, force.init_source) == (True, None)
    assert (force.target, force.pin) == ("app", True)


NEAREST: dict[str, tuple[dict[str, str], str]] = {
    "none": ({}, ""),
    "beside it": ({".dfmod.toml": ""}, ".dfmod.toml"),
    "in its own folder before the one above": ({".dfmod.toml": "", "a/.dfmod.toml": ""}, "a/.dfmod.toml"),
    "above, where the folder has none": ({".dfmod.toml": "", "a/b/.dfmod.toml": ""}, ".dfmod.toml"),
    "in a shared file": ({"a/pyproject.toml": "[tool.dfmod]\n"}, "a/pyproject.toml"),
    "its own file before a shared one": ({".dfmod.toml": "", "pyproject.toml": "[tool.dfmod]\n"}, ".dfmod.toml"),
    "not in a shared file about others": ({"a/pyproject.toml": "[tool.x]\n", ".dfmod.toml": ""}, ".dfmod.toml"),
    "not in a shared file that only names us": ({"pyproject.toml": "[project]\nname = 'dfmod'\n"}, ""),
    "not in a shared file that nobody could read": ({"pyproject.toml": "]["}, ""),
    "not above the repository": ({".dfmod.toml": "", "a/.git/HEAD": ""}, ""),
}


@pytest.mark.parametrize("case", NEAREST)
def test_the_nearest_file_counts(case: str) -> None:
    files, expected = NEAREST[case]
    lay({**files, "a/Dockerfile": TEXT, "Dockerfile": TEXT})
    path = "a/Dockerfile" if "a/" in "".join(files) or "folder" in case else "Dockerfile"
    assert finder()(path).path == expected
    assert finder()(str(Path(path).absolute())).path == (str(Path(expected).absolute()) if expected else "")


def test_the_nearest_file_counts_whole() -> None:
    lay({".dfmod.toml": "nonroot = true\n", "a/.dfmod.toml": "tier = 'slim'\n"})
    assert finder()("a/Dockerfile").values == {"tier": "slim"}


def test_a_folder_outside_the_current_one_and_any_repository_has_its_own_file_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "a").mkdir()
    (other / ".dfmod.toml").write_text("pin = true\n")
    assert finder()(str(other / "a" / "Dockerfile")) == NONE
    assert finder()(str(other / "Dockerfile")).values == {"pin": True}


WRONG = {
    "unknown": ("teir = 'slim'", "teir is unknown; did you mean 'tier'?"),
    "an underscore": ("no_init = true", "no_init is unknown; did you mean 'no-init'?"),
    "nothing near": ("qqq = 1", f"qqq is unknown; known are {', '.join(KEYS)}"),
    "another choice": ("tier = 'alpine'", "tier is one of distroless, distroless+shell, slim, init"),
    "no switch": ("nonroot = 'yes'", "nonroot is true or false"),
    "no text": ("target = 1", "target is a text"),
    "an empty text": ("target = ''", "target is a text"),
    "no list": ("ignore = 'unknown-base'", "ignore is a list of names that `dfmod explain` lists"),
    "no name": ("ignore = ['Unknown Base']", "ignore is a list of names that `dfmod explain` lists"),
    "an unknown name": (
        "ignore = ['unknwon-base']",
        "no note or refusal is named 'unknwon-base'; did you mean 'unknown-base'?",
    ),
    "a decision": ("ignore = ['entrypoint']", "no note or refusal is named 'entrypoint'"),
    "no patterns": ("exclude = [1]", "exclude is a list of patterns"),
    "no such folder": ("context = 'nowhere'", "context: no such folder: nowhere"),
    "a folder outside": ("context = '/'", "context: / leads out of the repository; name it on the command line"),
    "both inits": ("no-init = true\ninit-source = 'package'", "no-init and init-source contradict each other"),
    "no TOML": ("tier", "Expected '=' after a key in a key/value pair"),
    "not UTF-8": ("tier = '\udcff'", "'utf-8' codec can't decode byte 0xff"),
}


@pytest.mark.parametrize("file", [".dfmod.toml", "pyproject.toml"])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_told_with_its_name_and_nothing_is_done(case: str, file: str) -> None:
    said, told = WRONG[case]
    text = said if file == ".dfmod.toml" else f"[tool.dfmod]\n{said}"
    Path(file).write_text(text, errors="surrogateescape")
    lay({"Dockerfile": TEXT})
    ran = dfmod("convert", "--write", ".")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith(f"error: {file}: {told}")
    assert Path("Dockerfile").read_text() == TEXT
    assert dfmod("convert", "--no-config", ".").code == 0


def test_the_bots_table_is_the_bots() -> None:
    lay({".dfmod.toml": "[bot]\ndraft = true\n", "Dockerfile": TEXT})
    assert dfmod("convert").code == 0
    lay({"a/pyproject.toml": "[tool.dfmod.bot]\n", "a/Dockerfile": TEXT})
    assert "a/pyproject.toml: the table bot is read from .dfmod.toml alone" in dfmod("convert", "a").err


def test_a_file_that_cannot_be_read_is_told() -> None:
    Path(".dfmod.toml").write_text(f"# {'x' * 1024 * 1024}")
    lay({"Dockerfile": TEXT})
    assert ".dfmod.toml: larger than 1024 KiB" in dfmod("convert").err


def test_each_file_is_converted_under_its_own_configuration() -> None:
    lay(
        {
            "a/.dfmod.toml": "target = 'app'\nselect = ['does-not-build']\n",
            "a/Dockerfile": CONTEXT,
            "b/pyproject.toml": "[tool.dfmod]\ntarget = '0'\ncontext = 'c'\n",
            "b/Dockerfile": CONTEXT,
            "b/c/sent": "",
        }
    )
    rows = {row["path"]: row for row in json.loads(dfmod("convert", "--format", "json").out)["results"]}
    assert [note["message"] for note in rows["a/Dockerfile"]["notes"]] == []
    assert [note["message"] for note in rows["b/Dockerfile"]["notes"]] == ["sent: sent"]
    err = dfmod("convert", "-v").err
    assert "a/Dockerfile: unchanged: app\n" in err
    assert "b/Dockerfile: unchanged: 0\n" in err


def test_many_files_in_several_processes_have_their_own_configuration_too() -> None:
    lay({f"{n}/{name}": text for n in range(4) for name, text in (("Dockerfile", CONTEXT), ("f", ""))})
    lay({f"{n}/.dfmod.toml": f"target = '{'0' if n % 2 else 'app'}'\n" for n in range(4)})
    err = dfmod("convert", "-v", "-j", "2").err
    assert [err.count(f"unchanged: {target}\n") for target in ("app", "0")] == [2, 2]


def test_standard_input_has_the_configuration_of_the_file_it_stands_for() -> None:
    lay({"a/.dfmod.toml": "target = 'app'\n"})
    ran = dfmod("convert", "-v", "--stdin-filename", "a/Dockerfile", "-", stdin=CONTEXT.encode())
    assert "unchanged: app\n" in ran.err
    assert "unchanged: None\n" in dfmod("convert", "-v", "-", stdin=CONTEXT.encode()).err


STRICT: dict[str, tuple[str, tuple[str, ...], int]] = {
    "said": ("strict = true", (), 1),
    "not said": ("", (), 0),
    "taken back": ("strict = true", ("--no-strict",), 0),
    "not read": ("strict = true", ("--no-config",), 0),
}


@pytest.mark.parametrize("case", STRICT)
def test_strict_is_a_matter_of_each_file(case: str) -> None:
    said, options, code = STRICT[case]
    lay({"a/.dfmod.toml": said, "a/Dockerfile": DECLINED, "b/Dockerfile": DECLINED})
    assert dfmod("convert", *options).code == code
    assert dfmod("convert", *options, "b").code == 0


EXCLUDED: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "nothing": ("", (), ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile"]),
    "a folder": ("exclude = ['a']", (), ["Dockerfile"]),
    "what is below it": ("exclude = ['a/*/Dockerfile']", (), ["Dockerfile", "a/Dockerfile"]),
    "everywhere": ("exclude = ['**/b']", (), ["Dockerfile", "a/Dockerfile"]),
    "but one": ("exclude = ['a', '!a/b']", (), ["Dockerfile", "a/b/Dockerfile"]),
    "on the command line": ("exclude = ['a']", ("--exclude", "Dockerfile"), ["a/Dockerfile", "a/b/Dockerfile"]),
}


@pytest.mark.parametrize("case", EXCLUDED)
def test_what_is_excluded_is_left_alone(case: str) -> None:
    said, options, expected = EXCLUDED[case]
    paths = ("Dockerfile", "a/Dockerfile", "a/b/Dockerfile")
    lay({".dfmod.toml": said, **dict.fromkeys(paths, TEXT)})

    def converted(*args: str) -> list[str]:
        return [row["path"] for row in json.loads(dfmod("convert", "--format", "json", *args).out)["results"]]

    assert converted(*options) == expected
    assert converted(*options, *paths) == expected


def test_patterns_are_relative_to_the_file_that_has_them() -> None:
    lay({"a/.dfmod.toml": "exclude = ['b']", "a/b/Dockerfile": TEXT, "b/Dockerfile": TEXT})
    ran = dfmod("convert", "a/b/Dockerfile", "b/Dockerfile")
    assert ran.out.count(b"diff --git") == 1
    assert "a/b/Dockerfile: skipped: excluded by a/.dfmod.toml\n" in ran.err
    os.chdir("a")
    assert "b/Dockerfile: skipped: excluded by .dfmod.toml\n" in dfmod("convert", "b/Dockerfile").err


IGNORED: dict[str, tuple[str, list[str]]] = {
    "nothing": ("# hello", ["shell-lost", "unpinned-base"]),
    "one": ("# dfmod: ignore[shell-lost] it never had one", ["unpinned-base"]),
    "one without a reason": ("#dfmod:ignore[shell-lost]", ["unpinned-base"]),
    "two": ("# dfmod: ignore[shell-lost, unpinned-base] both", []),
    "an unknown one": ("# dfmod: ignore[shell-lots]", ["shell-lost", "unpinned-base", "comment-not-understood"]),
    "none": ("# dfmod: ignore[]", ["shell-lost", "unpinned-base", "comment-not-understood"]),
    "another word": ("# dfmod: ignroe[shell-lost]", ["shell-lost", "unpinned-base", "comment-not-understood"]),
    "text of an instruction": ("RUN echo '# dfmod: ignore[shell-lost]'", ["shell-lost", "unpinned-base"]),
}


@pytest.fixture
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("shell-lost", "unpinned-base", "needs-to-be-pid-one", "comment-not-understood")
    for module in ("configuration", "ignored"):
        monkeypatch.setattr(f"rewriter.cli.{module}.ignorable", lambda: names)


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize("case", IGNORED)
def test_a_comment_keeps_a_note_of_its_file_from_being_told(case: str) -> None:
    comment, expected = IGNORED[case]
    lay({"Dockerfile": f"{NOTED}{comment}\n"})
    (result,) = json.loads(dfmod("convert", "--format", "json").out)["results"]
    assert [note["name"] for note in result["notes"]] == expected
    assert [note["line"] for note in result["notes"] if note["name"] == "comment-not-understood"] in ([], [3])


@pytest.mark.usefixtures("_names")
def test_a_comment_that_says_nothing_is_told_with_what_is_meant() -> None:
    lay({"Dockerfile": f"{TEXT}# dfmod: ignore[shell-lots] x\n# dfmod: fmt off\n"})
    err = dfmod("convert").err
    assert "comment-not-understood: no note or refusal is named 'shell-lots' (line 2)\n" in err
    assert "    help: did you mean 'shell-lost'?\n" in err
    assert "comment-not-understood: 'dfmod: fmt off' says nothing (line 3)\n" in err


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize("way", ["comment", "option", "file"])
def test_an_ignored_refusal_is_not_told_and_does_not_fail_but_the_report_has_it(way: str) -> None:
    name = "needs-to-be-pid-one"
    lay({"Dockerfile": DECLINED + (f"# dfmod: ignore[{name}] s6\n" if way == "comment" else "")})
    lay({".dfmod.toml": f"ignore = ['{name}', 'unpinned-base']\n" if way == "file" else ""})
    options = ("--ignore", name) if way == "option" else ()
    ran = dfmod("convert", "--strict", "--format", "json", *options)
    assert ran.code == 0
    assert ran.err == "Plan: 0 to convert, 0 unchanged, 1 declined\n"
    assert json.loads(ran.out)["results"][0]["refusal"]["name"] == name
    assert dfmod("convert", "--strict", "--no-config", "Dockerfile").code == (0 if way == "comment" else 1)


def test_the_published_schema_is_the_one_of_the_table() -> None:
    """`dfmod config --schema > rewriter/config.schema.json` writes it anew."""
    assert SCHEMA.read_bytes() == dfmod("config", "--schema").out
    assert json.loads(SCHEMA.read_text()) == schema()
    jsonschema.Draft7Validator.check_schema(schema())


def test_the_schema_accepts_what_is_accepted_and_refuses_what_is_refused() -> None:
    published = jsonschema.Draft7Validator(schema())
    published.validate(tomllib.loads(ALL))
    published.validate(tomllib.loads(ALL + '[bot]\nenabled = true\ngroup = "repo"\nlabels = ["x"]\nmax-open = 2\n'))
    # What only a look at the disk, at the pages or at two keys at once can tell is not the schema's.
    beyond = {
        "an unknown name",
        "a decision",
        "no such folder",
        "a folder outside",
        "both inits",
        "no TOML",
        "not UTF-8",
    }
    for case in set(WRONG) - beyond:
        assert not published.is_valid(tomllib.loads(WRONG[case][0])), case
    for wrong in ("[bot]\nenable = true", "[bot]\ngroup = 'x'", "[bot]\nmax-open = '1'", "bot = 1"):
        assert not published.is_valid(tomllib.loads(wrong)), wrong


def test_the_options_are_those_of_the_table() -> None:
    """The help is taken from the table; here, that kinds and choices are the same too."""
    import typer

    commands: Any = typer.main.get_command(app)
    options = {param.opts[0]: param for param in commands.commands["convert"].params}
    for key in KEYS.values():
        option = options[f"--{key.name}"]
        assert option.name == key.field
        assert option.help == key.help
        assert option.is_flag == (key.kind is Kind.SWITCH)
        assert option.multiple == (key.kind in (Kind.NAMES, Kind.PATTERNS))
        assert tuple(getattr(option.type, "choices", ())) == key.choices
        # Whoever can be told by a file can take it back.
        assert bool(option.secondary_opts) == option.is_flag


def test_config_prints_what_is_in_force_as_toml() -> None:
    lay({".dfmod.toml": ALL, "t/x": "", "a/Dockerfile": TEXT})
    ran = dfmod("config", "a/Dockerfile")
    assert (ran.code, ran.err) == (0, "")
    assert tomllib.loads(ran.out.decode()) == tomllib.loads(ALL)
    assert dfmod("config", "a").out == ran.out
    assert tomllib.loads(dfmod("config", "--no-config").out.decode()) == {}


def test_config_says_where_each_value_comes_from() -> None:
    lay({".dfmod.toml": "tier = 'slim'\n", "Dockerfile": TEXT})
    lines = dfmod("config", "--show-source").out.decode().splitlines()
    assert lines[0] == 'tier = "slim"  # .dfmod.toml'
    assert "# nonroot  # default" in lines
    assert len(lines) == len(KEYS)


def test_config_checks_the_bots_table_too() -> None:
    lay({".dfmod.toml": "[bot]\ndarft = true\n"})
    ran = dfmod("config")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == "error: .dfmod.toml: bot.darft is unknown; did you mean 'draft'?\n"
    lay({".dfmod.toml": "[bot]\ndraft = true\n"})
    assert tomllib.loads(dfmod("config").out.decode()) == {"bot": {"draft": True}}


def test_a_text_is_printed_so_that_it_reads_the_same_again() -> None:
    hostile = 'a"b\\c\t\x7fé\u2028'
    lay({".dfmod.toml": f"target = {json.dumps(hostile)}\n".replace("\x7f", "\\u007f")})
    assert tomllib.loads(dfmod("config").out.decode()) == {"target": hostile}


def test_the_bot_converts_under_the_repositorys_configuration_but_not_with_its_templates(tmp_path: Path) -> None:
    lay({".git/HEAD": "", "a/Dockerfile": "FROM python:3.12\nCMD python -V\n", "b/Dockerfile": "FROM scratch\n"})
    lay({".dfmod.toml": "tier = 'init'\nexclude = ['b']\ntemplates = 't'\n", "t/init.Dockerfile.jinja": "HOSTILE"})
    (result,) = converter(Request(()))(tmp_path)
    assert (result.status, b"HOSTILE" in result.after) == ("rewritten", False)
    assert b"\nFROM python:3.12\n" in result.after  # what --tier init ends in
    lay({".dfmod.toml": "teir = 'init'\n"})
    with pytest.raises(SettingsError, match=r"^\.dfmod\.toml: teir is unknown"):
        list(converter(Request(()))(tmp_path))


def test_templates_of_a_repository_run_nothing(tmp_path: Path) -> None:
    lay({"Dockerfile": "FROM python:3.12\nCMD python -V\n", ".dfmod.toml": "tier = 'init'\ntemplates = 't'\n"})
    lay({"t/init.Dockerfile.jinja": "{{ ''.__class__.__mro__[1].__subclasses__() }}"})
    from rewriter.cli.search import Found
    from rewriter.cli.work import convert_file

    force = in_force(Request(()), finder()(str(tmp_path / "Dockerfile")))
    result = convert_file(Found(str(tmp_path / "Dockerfile")), force.settings)
    assert result.status == "failed"
    assert b"subclass" not in result.after


def test_what_is_wrong_is_an_error_of_usage() -> None:
    lay({".dfmod.toml": "x = 1\n"})
    with pytest.raises(UsageError):
        finder()("Dockerfile")
