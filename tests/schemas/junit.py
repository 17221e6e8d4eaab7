"""The elements and attributes of a JUnit report that Jenkins's xunit plugin knows (its `junit-10.xsd`), as a reader."""

from __future__ import annotations

from xml.etree import ElementTree as ET

COUNTS = {"name", "time", "tests", "failures", "errors"}
# Element: what it may stand in, the attributes it must have, those it may have.
KNOWN: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({""}, set(), COUNTS),
    "testsuite": (
        {"testsuites", "testsuite"},
        {"name", "tests", "failures", "errors"},
        COUNTS | {"skipped", "id", "package", "file", "timestamp", "hostname"},
    ),
    "testcase": ({"testsuite"}, {"name"}, {"name", "time", "classname", "group"}),
    "failure": ({"testcase"}, set(), {"message", "type"}),
    "error": ({"testcase"}, set(), {"message", "type"}),
    "skipped": ({"testcase"}, set(), {"message", "type"}),
}


def read(data: bytes) -> ET.Element:
    """Return the root of a report.

    Raises:
        AssertionError: something in it is unknown or missing, or a count is wrong.
    """
    root = ET.fromstring(data)  # noqa: S314 (we wrote it)
    _check(root, "")
    for suite in root.iter("testsuite"):
        cases = list(suite.iter("testcase"))
        assert suite.get("tests") == str(len(cases))
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(attribute) == str(sum(case.find(element) is not None for case in cases)), attribute
    return root


def _check(element: ET.Element, parent: str) -> None:
    parents, must, may = KNOWN[element.tag]
    assert parent in parents, f"{element.tag} in {parent}"
    assert must <= set(element.attrib) <= may, f"{element.tag}: {sorted(element.attrib)}"
    for child in element:
        _check(child, element.tag)
