"""The JSON Schemas for editors, by a validator that nobody here wrote: they accept each file that our
loaders accept, and refuse what a schema can refuse."""

import collections
import itertools
import random
import re
import shutil

import pytest
from conftest import TOP

for module in ("jsonschema", "yaml"):
    pytest.importorskip(module, reason=f"Debian's python3-{module} is not installed")
import yaml  # noqa: E402

from documents import Cases, Mapping, Settings, limits  # noqa: E402
from schemas import Mutations, Written, as_yaml, complaints, faults, program, table, validator  # noqa: E402

REFUSED = {
    case.name: (kind, case / name)
    for kind, name in (("settings", "ldap2alma.yaml"), ("mapping", "mapping.yaml"))
    for case in sorted((TOP / "tests/refused").glob(f"{kind}-*"))
    if "-yaml" not in case.name and f"{name}:" in (case / "expected").read_text()}

# Cases of tests/refused in which a schema sees nothing, and what they are about.
UNSEEN = {
    "settings-brakes-unknown": "names of brakes",
    "mapping-arguments": "arguments of transforms",
    "mapping-codes-files": "files with codes",
    "mapping-csv-columns": "columns of CSV files",
    "mapping-csv-files": "CSV files",
    "mapping-kinds": "what is a date",
    "mapping-extends-circle": "the other mapping",
    "mapping-extends-deep": "the other mapping",
    "mapping-extends-itself": "the other mapping",
    "mapping-match-id-primary": "a field that the mapping does not fill",
    "mapping-match-id-type": "an identifier that the mapping does not fill",
    "settings-photos-ca-file": "options that one source of several does not use",
    "settings-photos-sources": "options that one source of several needs",
    "settings-bind-anonymous": "options that one method of several does not use",
    "settings-bind-external": "options that one method of several needs",
    "settings-bind-simple-with-keytab": "options that one method of several does not use",
    "settings-delivery-below-the-spool": "an option with a value that lies below another's",
    "settings-delivery-into-the-spool": "two options with the same value",
    "settings-openssh": "options that one transport of several does not use",
    "settings-tls-ldaps-with-ldap": "a mode that does not fit a URI",
    "settings-tls-none-with-ldaps": "a mode that does not fit a URI",
    "settings-tls-starttls-with-ldapi": "a mode that does not fit a URI",
    "settings-tls-starttls-with-ldaps": "a mode that does not fit a URI",
}


def kind_of(path):
    if path.name.endswith(".test.yaml"):
        return "test"
    return "settings" if path.name.startswith(("ldap2alma", "live")) else "mapping"


SHIPPED = sorted(TOP.glob("mappings/*.yaml")) + sorted(TOP.glob("examples/*.yaml"))
GOOD = SHIPPED + sorted(TOP.glob("tests/cases/*/mapping.yaml")) + [TOP / "contrib/demo/ldap2alma.yaml"]


def label(path):
    return str(path.relative_to(TOP))


@pytest.mark.parametrize("kind", [row[0] for row in table("schema")])
def test_each_schema_is_one(kind):
    assert validator(kind).schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_only_known_kinds_have_schemas():
    for arguments in (["schema", "mappings"], ["schema", "mapping", "test"]):
        result = program(*arguments)
        assert (result.returncode, result.stdout) == (64, "")


@pytest.mark.parametrize("path", GOOD, ids=label)
def test_good_files_are_accepted(path, tmp_path):
    assert complaints(kind_of(path), path.read_text()) == [[], []]
    assert faults(kind_of(path), path, tmp_path) == ""


@pytest.mark.parametrize("path", SHIPPED, ids=label)
def test_shipped_files_name_their_schema(path):
    first = path.read_text().splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    schema = (path.parent / found.group(1)).resolve()
    assert yaml.safe_load(schema.read_text()) == validator(kind_of(path)).schema


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files_are_refused(name):
    kind, path = REFUSED[name]
    for found in complaints(kind, path.read_text()):
        assert found or name in UNSEEN, "the schema sees nothing; if it cannot, say so in UNSEEN"
        assert not found or name not in UNSEEN, found


def test_the_example_shows_every_option():
    text = (TOP / "examples/ldap2alma.yaml").read_text()
    for path, _, default, _ in table("options"):
        key = path.split(".")[-1]
        values = re.findall(rf"^[ -]*#?{key}: *([^#\n]*?) *(?:# default: (.*))?$", text, flags=re.M)
        assert values or re.search(rf"[{{,] {key}:", text), path
        if default not in ("", "required") and path != "directory.searches[].filter":
            assert default in itertools.chain(*values), path


def test_ranges_are_exact():
    options = {path: takes for path, takes, *_ in table("options") if " to " in takes}
    draw = random.Random(1)
    for path, takes in options.items():
        least, most, units = limits(takes)
        option = option_schema(path)
        for unit, number in itertools.product(units, (0, 1, 9, 10, 99, *range(least - 2, least + 3))):
            around = [number, most // units[unit], most // units[unit] + 1, draw.randint(0, 2 * most // units[unit])]
            for value in around:
                if value >= 0:
                    found = re.search(option["pattern"], f"{value}{unit}")
                    assert bool(found) == (least <= value * units[unit] <= most), (path, value, unit)
        assert not any(re.search(option["pattern"], text) for text in ("", "s", "-1", "1 s", "1x", "1.5GB"))
        if "integer" in option["type"]:
            assert (option["minimum"], option["maximum"]) == (least, most)


def option_schema(path):
    schema = validator("settings").schema
    for key in path.split("."):
        schema = schema["properties"][key]
    return schema


@pytest.mark.parametrize("path", ["examples/ldap2alma.yaml", "mappings/openldap-eduperson.yaml",
                                  "mappings/active-directory.yaml", "mappings/consortium-carli-member.yaml",
                                  "mappings/active-directory.test.yaml"])
def test_changes_are_judged_alike(path, tmp_path):
    """What our loader accepts the schema accepts; of what it refuses the schema sees keys and kinds."""
    path = TOP / path
    kind = kind_of(path)
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    document = yaml.load(path.read_text(), Loader=Written)
    mutations = list(Mutations(document, {"tables", "define"}))
    outcomes = collections.Counter()
    for seen, mutation in random.Random(1).sample(mutations, min(80, len(mutations))):
        text = as_yaml(mutation) + "\n"
        (tmp_path / path.name).write_text(text)
        refused = bool(faults(kind, tmp_path / path.name, tmp_path))
        for found in complaints(kind, text):
            assert not found or refused, (found, text)
            assert found or not (seen and refused), text
            outcomes[refused, bool(found)] += 1
    assert outcomes[False, False] > 5 and outcomes[True, True] > 50


@pytest.mark.parametrize("kind, maker, count", [("settings", Settings, 100), ("mapping", Mapping, 40),
                                               ("test", Cases, 40)])
def test_random_files_are_accepted(kind, maker, count, tmp_path):
    path = tmp_path / "random.yaml"
    shutil.copy(TOP / "mappings/openldap-eduperson.yaml", tmp_path)
    (tmp_path / "people.ldif").write_text("dn: uid=a,dc=example\nuid: a\n")
    (tmp_path / "user.xml").write_text("<user/>\n")
    for seed in range(count):
        text = as_yaml(maker(random.Random(seed)).make()) + "\n"
        path.write_text(text)
        assert (faults(kind, path, tmp_path), complaints(kind, text)) == ("", [[], []]), text
