"""ENTRYPOINT and CMD beyond the recorded rows: inits, shells, scripts, wrappers, and what sort of program it is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.script import ScriptFile
from rewriter.images.catalog import wrapper
from rewriter.images.model import Command, Exec, ImageConfig, Shell
from rewriter.notes import Severity
from rewriter.plan import Safety
from rewriter.recipes.command import Blocked, CommandPlan, Names, NothingToRun, split_command, with_program
from tests.shell_tables import rows

Result = CommandPlan | Blocked | NothingToRun
OF_THE_BASE = "the entrypoint docker-entrypoint.sh is a script of the base image"
BASE = ImageConfig(workdir="/w", env=(("SET", "old"),))


def command(text: str) -> Command | None:
    if text == "-":
        return None
    try:
        return Exec(tuple(json.loads(text)))
    except ValueError:
        return Shell(text)


def head(plan: CommandPlan) -> str:
    return {("/tini", "--"): "T", ("/tini", "-g", "--"): "Tg"}.get(plan.head, " ".join(plan.head))


def words(some: tuple[str, ...]) -> str:
    return json.dumps(some, ensure_ascii=False)


def pair(plan: CommandPlan) -> str:
    rest = plan.entrypoint[len(plan.head) :]
    return f"{head(plan)}{' + ' + words(rest) if rest else ''} || {words(plan.cmd)}"


def shown(plan: Result) -> str:
    if not isinstance(plan, CommandPlan):
        return f"blocked {plan.rule.name}" if isinstance(plan, Blocked) else "nothing"
    need, kind = plan.needs_shell, plan.kind
    pieces = [
        pair(plan),
        "now replace" if plan.arguments == "now-replace" else "",
        f"was {' '.join(plan.former_init)}" if plan.former_init else "",
        f"shell: {need.why}{', stays' if need.stays else ''}" if need else "",
        f"in {plan.cwd}" if plan.cwd else "",
        f"user {plan.user}" if plan.user else "",
        *(f"{name}={value}" for name, value in plan.env),
        f"script {kind.script_file}" if kind.script_file else "",
        f"launcher {kind.launcher}" if kind.launcher else "",
        f"dev {kind.dev_server}" if kind.dev_server else "",
        f"as {kind.run_as.user}: {' '.join(kind.run_as.words)}" if kind.run_as else "",
        *(f"!{note.rule.name}" for note in plan.notes),
    ]
    return " | ".join(piece for piece in pieces if piece)


def config(text: str, base: ImageConfig = BASE) -> ImageConfig:
    entrypoint, cmd = text.split(" || ")
    return replace(base, entrypoint=command(entrypoint), cmd=command(cmd))


def split(text: str) -> Result:
    return split_command(config(text))


@pytest.mark.parametrize(("text", "answer"), rows("command.txt"))
def test_table(text: str, answer: str) -> None:
    assert sorted(shown(split(text)).split(" | ")) == sorted(answer.split(" | "))


@pytest.mark.parametrize(("text", "answer"), rows("command.txt"))
def test_every_change_is_a_difference_and_every_difference_a_change(text: str, answer: str) -> None:
    plan = split(text)
    if not isinstance(plan, CommandPlan):
        assert answer.startswith(("blocked", "nothing"))
        return
    fields = {change.field for change in plan.changes}
    assert ("workdir" in fields) == (plan.cwd is not None)
    assert {field for field in fields if field.startswith("env.")} == {f"env.{name}" for name, _ in plan.env}
    if not plan.former_init:
        before = config(text)
        entrypoint = plan.entrypoint[len(plan.head) :]
        assert ("entrypoint" in fields) == (command_words(before.entrypoint) != entrypoint)
        assert ("cmd" in fields) == (command_words(before.cmd) != plan.cmd)
    review = [change for change in plan.changes if change.safety is Safety.REVIEW]
    assert ("user" in fields) == (plan.user is not None)
    assert bool({change.field for change in review} - {"user"}) == (plan.arguments == "now-replace")


def command_words(one: Command | None) -> tuple[str, ...]:
    match one:
        case None:
            return ()
        case Exec(some):
            return some
        case Shell(script, shell):
            return (*shell, script)


@pytest.mark.parametrize(("text", "answer"), rows("command.txt"))
def test_a_split_pair_stays_as_it_is(text: str, answer: str) -> None:
    """A second run finds the init, takes it off with the same options and gives the same pair."""
    plan = split(text)
    if isinstance(plan, CommandPlan):
        again = split_command(replace(BASE, entrypoint=Exec(plan.entrypoint), cmd=Exec(plan.cmd)))
        assert isinstance(again, CommandPlan), answer
        assert (again.entrypoint, again.cmd, again.changes) == (plan.entrypoint, plan.cmd, ())


def test_without_an_init_the_words_stand_alone() -> None:
    plan = split_command(config("dumb-init e || -"), init=())
    assert isinstance(plan, CommandPlan)
    assert (plan.entrypoint, plan.cmd) == ((), ("e",))


def test_what_is_said_names_place_line_and_reason() -> None:
    plan = split_command(config('./e || ["c"]'), lines=(7, 8))
    assert isinstance(plan, CommandPlan)
    assert [(note.rule.name, note.line, note.severity) for note in plan.notes] == [
        ("cmd-without-effect", 8, Severity.INFO),
        ("arguments-without-effect", 7, Severity.WARNING),
    ]
    assert [(change.field, change.what, change.place) for change in plan.changes] == [
        ("entrypoint", "the init alone in place of `./e`", "entrypoint"),
        ("cmd", '["./e"] in place of `./e`', "entrypoint"),
    ]
    assert plan.changes[1].why == "it is one simple command, and the shell did nothing else"


def test_the_session_setting_of_dumb_init_counts() -> None:
    base = replace(BASE, env=(("DUMB_INIT_SETSID", "0"),))
    plan = split_command(config('["dumb-init", "e"] || -', base))
    assert isinstance(plan, CommandPlan)
    assert plan.head == ("/tini", "--")


@pytest.mark.parametrize(
    ("cmd", "answer"),
    [
        ('["app.js"]', 'T || ["node", "app.js"] | !base-image-wrapper'),
        ('["--inspect", "x"]', 'T || ["node", "--inspect", "x"] | !base-image-wrapper'),
        ('["node", "x"]', 'T || ["node", "x"] | !base-image-wrapper'),
        ('["./app.js"]', 'T || ["node", "./app.js"] | !base-image-wrapper'),
        ('["/bin/x"]', 'T || ["/bin/x"] | !base-image-wrapper'),
        ("npm start", 'Tg || ["npm", "start"] | launcher npm | !base-image-wrapper'),
        (
            "node $X",
            'Tg || ["/bin/sh", "-c", "node $X"] | shell: a variable is expanded when the container starts, stays',
        ),
        ('["x"]', f'T + ["docker-entrypoint.sh"] || ["x"] | shell: {OF_THE_BASE}'),
    ],
)
def test_the_wrapper_of_a_base_image(cmd: str, answer: str) -> None:
    given = config(f'["docker-entrypoint.sh"] || {cmd}')
    plan = split_command(given, wrapper=wrapper("node"), names=Names(("node", "npm")))
    assert shown(plan).removesuffix(" | !base-image-wrapper") == answer.removesuffix(" | !base-image-wrapper")


def read(text: str, *names: str) -> dict[str, ScriptFile]:
    """Return a script as it is handed over, under each of the names."""
    script = ScriptFile(
        path="r.sh",
        text=text,
        interpreter=None,
        arguments=(),
        program=None,
        options=(),
        carriage_return=False,
        carriage_returns=False,
        byte_order_mark=False,
        executable=True,
        evidence=Evidence("r.sh:1", ""),
    )
    return dict.fromkeys(names, script)


@pytest.mark.parametrize(
    ("modules", "answer"),
    [
        (("server", "server.js", "public"), 'T || ["serve", "-s"]'),
        (("serve", "serve.js"), 'T || ["node", "serve", "-s"]'),
        (None, f'T + ["docker-entrypoint.sh"] || ["serve", "-s"] | shell: {OF_THE_BASE}'),
    ],
)
def test_a_bare_word_is_a_command_unless_the_work_directory_has_a_module(
    modules: tuple[str, ...] | None, answer: str
) -> None:
    given = config('["docker-entrypoint.sh"] || ["serve", "-s"]')
    plan = split_command(given, wrapper=wrapper("node"), names=Names(("node",), modules))
    assert shown(plan).removesuffix(" | !base-image-wrapper") == answer


SCRIPT = '#!/bin/sh\nset -e\nexport A=1\ncd x\nexec "$@"\n'
PORT = '#!/bin/sh\nexec c "$@" -p $PORT\n'
GOES_ON = '#!/bin/sh\nmkdir -p x\nexec "$@"\n'
STAYS = "#!/bin/sh\nmkdir x\nc\n"


@pytest.mark.parametrize(
    ("text", "script", "answer"),
    [
        (
            '["/r.sh"] || ["c"]',
            SCRIPT,
            'T || ["c"] | in /w/x | A=1 | !cd-in-command | !assignment-in-command',
        ),
        ('["/r.sh", "a"] || ["c"]', 'exec b "$@"', 'T + ["b", "a"] || ["c"]'),
        ('["sh", "run.sh"] || ["c"]', 'exec "$@"', 'T || ["c"]'),
        ('["/r.sh"] || c a', 'exec "$@"', 'T || ["c", "a"]'),
        ('- || ["/r.sh", "a"]', 'exec b "$@"', 'T || ["b", "a"]'),
        ("- || ./r.sh", "b a", 'T || ["b", "a"]'),
        ('["/r.sh"] || ["c"]', 'exec gosu me "$@"', 'T || ["c"] | user me'),
        ('["/r.sh"] || ["c"]', 'exec tini -- "$@"', 'T || ["c"] | was tini -- | !init-already-there'),
        ('["/r.sh"] || ["c"]', 'exec /r.sh "$@"', 'T + ["/r.sh"] || ["c"]'),
        (
            '["/r.sh"] || ["c"]',
            "exec b",
            'T || ["b"] | now replace | !cmd-without-effect | !arguments-without-effect',
        ),
        ('["/r.sh"] || -', "SET=new\nUNSET=x\nexec b", "T || "),
        (
            '["/r.sh"] || c a',
            GOES_ON,
            'T + ["/r.sh"] || ["c", "a"] | shell: /r.sh, line 2: `mkdir` is run before the program | script /r.sh',
        ),
        (
            '- || ["/r.sh"]',
            STAYS,
            'Tg || ["/r.sh"] | shell: /r.sh, line 2: `mkdir` is run before the program, stays | script /r.sh',
        ),
        (
            '- || ["/r.sh"]',
            PORT,
            'T || ["/r.sh"] | shell: /r.sh, line 2: a variable is expanded when the container starts | script /r.sh',
        ),
        (
            '- || ["/r.sh"]',
            "if a",
            'T || ["/r.sh"] | shell: /r.sh is a shell script | script /r.sh',
        ),
    ],
)
def test_the_script_a_command_starts(text: str, script: str, answer: str) -> None:
    plan = split_command(config(text), scripts=read(script, "/r.sh", "./r.sh", "run.sh"))
    assert shown(plan).startswith(answer) if answer == "T || " else shown(plan) == answer


def test_a_variable_a_script_does_not_export_counts_where_the_image_sets_it() -> None:
    plan = split_command(config('["/r.sh"] || -'), scripts=read("SET=new\nUNSET=x\nexec b", "/r.sh"))
    assert isinstance(plan, CommandPlan)
    assert plan.env == (("SET", "new"),)


def test_scripts_start_one_another_and_every_line_is_named() -> None:
    one, two = read("exec /b.sh a", "/a.sh"), read('# says\nexport X=1\nexec c "$@"', "/b.sh")
    plan = split_command(config("- || /a.sh"), scripts=one | two)
    assert shown(plan) == 'T || ["c", "a"] | X=1 | !assignment-in-command'
    assert isinstance(plan, CommandPlan)
    cmd = next(change for change in plan.changes if change.field == "cmd")
    assert [place.where for place in cmd.evidence] == ["r.sh:1", "r.sh:3"]


def test_a_script_of_any_name_that_is_read_is_put_in_its_place() -> None:
    assert shown(split_command(config('["/entry"] || ["c"]'), scripts=read('exec "$@"', "/entry"))) == 'T || ["c"]'


@pytest.mark.parametrize(
    ("text", "user", "safety"),
    [
        ('["gosu", "me"] || ["c"]', "root", Safety.SAFE),
        ('["gosu", "me", "e"] || -', None, Safety.SAFE),
        ('["sudo", "-u", "me"] || ["c"]', "0:0", Safety.REVIEW),
        ('- || ["gosu", "me", "c"]', None, Safety.REVIEW),
        ('["gosu", "me"] || ["c"]', "other", None),
    ],
)
def test_a_switch_becomes_the_user_where_root_starts_it(text: str, user: str | None, safety: Safety | None) -> None:
    plan = split_command(replace(config(text), user=user))
    assert isinstance(plan, CommandPlan)
    found = [change for change in plan.changes if change.field == "user"]
    assert [change.safety for change in found] == ([safety] if safety else [])
    assert plan.user == ("me" if safety else None)


def test_another_program_takes_the_place_of_a_launcher() -> None:
    plan = split('["tini", "--"] || npm start')
    assert isinstance(plan, CommandPlan)
    assert plan.head == ("/tini", "-g", "--")
    plan = with_program(plan, ("node", "x.js"))
    assert (plan.entrypoint, plan.cmd, plan.program) == (("/tini", "--"), ("node", "x.js"), ("node", "x.js"))
    plan = split('["npm", "start"] || ["--", "-x"]')
    assert isinstance(plan, CommandPlan)
    plan = with_program(plan, ("node", "x.js"))
    assert (plan.entrypoint, plan.cmd) == (("/tini", "--", "node", "x.js"), ("--", "-x"))
