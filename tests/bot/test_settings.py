"""What the bot is told: a repository's table, addresses, tokens, and the words on their page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rewriter.bot.groups import group_results
from rewriter.bot.secret import HIDDEN, Secret, find_token
from rewriter.bot.settings import Settings, SettingsError, read_settings
from rewriter.bot.status import FAULTS, OBSTACLES, WROTE, Status
from rewriter.bot.target import Target, target_of
from rewriter.plan import Unchanged
from rewriter.report.pages import page
from rewriter.report.result import Result
from tests.outcomes import rewritten

ALL = """
[bot]
enabled = false
base = "release/1.x"
branch-prefix = "bots/dfmod/"
group = "file"
rebase = "behind"
recreate = "never"
draft = true
labels = ["docker"]
reviewers = ["bea"]
max-open = 7
commit-message = "chore(docker): {summary}"
"""


def written(folder: Path, text: str) -> Path:
    (folder / ".dfmod.toml").write_text(text)
    return folder


def test_a_table_can_say_all_there_is(tmp_path: Path) -> None:
    found = read_settings(written(tmp_path, ALL))
    assert found == Settings(
        enabled=False,
        base="release/1.x",
        branch_prefix="bots/dfmod/",
        group="file",
        rebase="behind",
        recreate="never",
        draft=True,
        labels=("docker",),
        reviewers=("bea",),
        max_open=7,
        commit_message="chore(docker): {summary}",
    )


def test_without_a_table_the_usual_holds(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()
    assert read_settings(written(tmp_path, "[convert]\ntier = 'slim'\n")) == Settings()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.toml"
    secret.write_text("[bot]\ndraft = true\n")
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / ".dfmod.toml").symlink_to(secret)
    assert read_settings(tmp_path / "repo") == Settings()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[bot]\nlable = ['x']", "bot.lable is unknown; did you mean 'labels'?"),
        ("[bot]\ntoken = 'x'", "bot.token is unknown"),
        ("[bot]\nsigning-key = 'x'", "bot.signing-key is unknown"),
        ("[bot]\ngroup = 'team'", "bot.group is one of auto, repo, directory, file"),
        ("[bot]\ndraft = 'yes'", "bot.draft is of another type"),
        ("[bot]\nmax-open = true", "bot.max-open is of another type"),
        ("[bot]\nlabels = 'x'", "bot.labels is a list of names"),
        ("[bot]\nlabels = [1]", "bot.labels is a list of names"),
        ("[bot]\nbase = '../x'", "bot.base cannot be part"),
        ("[bot]\nbranch-prefix = '-x y'", "bot.branch-prefix cannot be part"),
        ("[bot]\ncommit-message = 1", "bot.commit-message is of another type"),
        ('[bot]\ncommit-message = "a\\nb"', "bot.commit-message is one line"),
        ("bot = 1", "`bot` is no table"),
        ("[bot", ".dfmod.toml: "),
    ],
)
def test_what_a_table_cannot_say(table: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)):
        read_settings(written(tmp_path, table))


@pytest.mark.parametrize(
    ("address", "kind", "expected"),
    [
        (
            "https://github.com/ann/shop",
            None,
            Target(
                "https://github.com/ann/shop.git", "github", "https://github.com", "https://api.github.com", "ann/shop"
            ),
        ),
        (
            "https://ghe.example/ann/shop.git",
            "github",
            Target(
                "https://ghe.example/ann/shop.git",
                "github",
                "https://ghe.example",
                "https://ghe.example/api/v3",
                "ann/shop",
            ),
        ),
        (
            "https://gitlab.com/a/b/c/",
            None,
            Target(
                "https://gitlab.com/a/b/c.git", "gitlab", "https://gitlab.com", "https://gitlab.com/api/v4", "a/b/c"
            ),
        ),
        (
            "https://codeberg.org/a/b",
            None,
            Target(
                "https://codeberg.org/a/b.git", "gitea", "https://codeberg.org", "https://codeberg.org/api/v1", "a/b"
            ),
        ),
        ("/srv/git/a.git", "patch", Target("/srv/git/a.git", "patch", "://", "", "srv/git/a")),
    ],
)
def test_an_address_names_a_repository(address: str, kind: str | None, expected: Target) -> None:
    assert target_of(address, kind) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://tok@github.com/ann/shop",
        "https://ann:tok@github.com/ann/shop",
        "git@github.com:ann/shop",
        "ftp://github.com/ann/shop",
        "https://github.com/ann",
        "https://github.com/ann/../shop",
        "https://unknown.example/ann/shop",
        "ann/shop",
    ],
)
def test_what_names_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|forge|token") as raised:
        target_of(address)
    assert "tok@" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "origin", "variables", "expected"),
    [
        ("github", "https://github.com", {"GITHUB_TOKEN": "github-123"}, "github-123"),
        ("github", "https://github.com", {"GITHUB_TOKEN": "github-123", "DFMOD_TOKEN": "dfmod-123"}, "dfmod-123"),
        ("github", "https://github.com", {"GH_TOKEN": " gh-12345\n", "GITHUB_TOKEN": "github-123"}, "gh-12345"),
        ("github", "https://evil.example", {"GITHUB_TOKEN": "github-123"}, None),
        (
            "github",
            "https://ghe.example",
            {"GITHUB_TOKEN": "g-123456", "GITHUB_SERVER_URL": "https://ghe.example"},
            "g-123456",
        ),
        ("gitlab", "https://gitlab.com", {"GITLAB_TOKEN": "gitlab-123"}, "gitlab-123"),
        ("gitlab", "https://gitlab.com", {"GITHUB_TOKEN": "github-123"}, None),
        ("gitea", "https://codeberg.org", {"GITEA_TOKEN": "gitea-123"}, "gitea-123"),
        ("pagure", "https://pagure.io", {}, None),
    ],
)
def test_a_token_is_for_its_own_forge(kind: str, origin: str, variables: dict[str, str], expected: str | None) -> None:
    assert find_token(kind, origin, variables, None) == expected


def test_a_token_can_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    assert find_token("github", "https://github.com", {"DFMOD_TOKEN": "other-123"}, str(file)) == "from-a-file"
    file.write_text("two words that are none")
    for path in (file, tmp_path / "gone"):
        with pytest.raises(ValueError, match="token"):
            find_token("github", "https://github.com", {}, str(path))


def test_a_token_is_scrubbed_in_all_its_spellings() -> None:
    secret = Secret("https://x", "bot", "to+ken/1234=")
    text = f"{secret.token} {secret.basic} to%2Bken%2F1234%3D"
    assert secret.scrub(text) == f"{HIDDEN} Basic {HIDDEN} {HIDDEN}"
    assert secret.token not in repr(secret)


@pytest.mark.parametrize("origin", ["http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1:3000"])
def test_a_token_is_not_sent_where_anyone_can_read_it(origin: str) -> None:
    with pytest.raises(ValueError, match="not sent over http"):
        Secret(origin, "bot", "token-1234")


def test_every_word_is_explained() -> None:
    text = page("bot-status")
    assert text is not None
    assert [status.value for status in Status if f"`{status.value}`" not in text] == []
    assert len(WROTE | OBSTACLES | FAULTS) == len(WROTE) + len(OBSTACLES) + len(FAULTS)


def test_files_are_grouped_as_asked() -> None:
    def results(*paths: str) -> tuple[Result, ...]:
        return tuple(Result(path, b"", rewritten("")) for path in paths)

    few = results("Dockerfile", "a/Dockerfile", "a/Dockerfile.dev")
    assert list(group_results(few, "auto")) == [""]
    assert list(group_results(few, "directory")) == [".", "a"]
    assert list(group_results(few, "file")) == ["Dockerfile", "a/Dockerfile", "a/Dockerfile.dev"]
    many = results(*(f"{at}/Dockerfile" for at in range(11)))
    assert len(group_results(many, "auto")) == 11
    assert group_results((), "repo") == {"": ()}
    unchanged = Result("z/Dockerfile", b"", Unchanged("it is"))
    assert list(group_results((unchanged,), "directory")) == ["z"]
