"""Our schema held against Ex Libris' own.

Ex Libris' schema is not part of this project; where it is not at ../shared/alma beside the source
folder, what needs it is skipped.
"""

import copy
import random
import subprocess

import pytest
from conftest import BUILD, TOP

etree = pytest.importorskip("lxml.etree")

TOOL = BUILD / "tests/support/alma_tool"
OURS = TOP / "connector/alma/alma-users.xsd"
THEIRS = TOP.parent / "shared/alma"
XS = "{http://www.w3.org/2001/XMLSchema}"

# Elements of theirs that a load could read but our table leaves out, and why.
LEFT_OUT = {
    "user/researcher": "Esploro only: researchers are not patrons",
    "user_note/created_by": "Alma notes who made the note",
    "user_note/created_date": "Alma notes when",
    "user_block/created_by": "Alma notes who made the block",
    "user_block/created_date": "Alma notes when",
}

# Owners of elements and attributes that a load does not read, whatever tags these carry: roles, to
# which parameters belong, come from Alma's assignment rules; the others are output.
NOT_LOADED = {"user_roles", "user_role", "parameters", "parameter", "proxy_for_users", "proxy_for_user",
              "fees", "loans", "requests"}

# Ours demands what Alma's loader demands although its schema does not.
STRICTER = {"address/line1", "address/city", "rs_library/code", "library_notice/code", "library_notice/value"}


@pytest.fixture(scope="module")
def ours():
    return etree.XMLSchema(etree.parse(str(OURS)))


@pytest.fixture(scope="module")
def theirs():
    path = THEIRS / "xsd/rest_users.xsd"
    if not path.exists():
        pytest.skip(f"Ex Libris' schema is not at {path}")
    return etree.XMLSchema(etree.parse(str(path)))


def random_users(first, count):
    return subprocess.run([TOOL, "users", str(first), str(count)], check=True, capture_output=True).stdout


def facts(path):
    """{"type/name": (kind, limit, required)} of every element and attribute of a schema's types."""
    tree = etree.parse(str(path))
    simple, coded, found = {}, {}, {}
    for node in tree.iter(XS + "simpleType"):
        limit = node.find(f".//{XS}maxLength")
        if node.get("name") and limit is not None:
            simple[node.get("name")] = int(limit.get("value"))
    for node in tree.iter(XS + "complexType"):
        base = node.find(f"{XS}simpleContent/{XS}extension")
        if node.get("name") and base is not None:
            coded[node.get("name")] = base.get("base")
    for node in tree.iter(XS + "element", XS + "attribute"):
        owner = next((a.get("name") for a in node.iterancestors(XS + "complexType") if a.get("name")), None)
        inside = next(node.iterancestors(XS + "element"), None)
        if inside is not None and inside.get("name") not in (None, "users"):
            owner = inside.get("name")
        if owner is None or owner in coded or node.get("name") == "desc":
            continue
        found[f"{owner}/{node.get('name')}"] = describe(node, simple, coded)
    return found


def describe(node, simple, coded):
    kind = node.get("type") or ""
    base = node.find(f"{XS}complexType/{XS}simpleContent/{XS}extension")
    has_desc = base is not None or kind in coded
    if base is not None:
        kind = base.get("base")
    kind = coded.get(kind, kind)
    tags = node.find(f"{XS}annotation/{XS}appinfo/{XS}tags")
    return {
        "kind": "xs:string" if kind in simple else kind,
        "limit": simple.get(kind),
        "desc": has_desc,
        "required": node.tag == XS + "element" and node.get("minOccurs", "1") != "0",
        "tags": tags.text.split() if tags is not None else None,
    }


@pytest.fixture(scope="module")
def their_facts(theirs):
    return facts(THEIRS / "xsd/rest_user.xsd")


@pytest.fixture(scope="module")
def our_facts():
    return facts(OURS)


def is_loaded(name, fact):
    owner, element = name.split("/")
    if owner in NOT_LOADED:
        return False
    if fact["tags"] is not None:
        # Attributes such as segment_type have "api" tags only, and yet loads carry them.
        return "sis" in fact["tags"] or element == "segment_type"
    return owner != "user"


def test_every_field_that_a_load_reads_is_ours(their_facts, our_facts):
    loaded = {name for name, fact in their_facts.items() if is_loaded(name, fact)}
    assert len(loaded) > 70
    assert loaded - set(our_facts) == set(LEFT_OUT)


def test_no_field_of_ours_is_unknown_to_them(their_facts, our_facts):
    assert set(our_facts) - set(their_facts) - {"users/user"} == set()


def test_limits_and_kinds_are_theirs(their_facts, our_facts):
    compared = 0
    for name, fact in our_facts.items():
        if name == "users/user" or fact["kind"] == name.split("/")[1]:
            continue
        assert (name, fact["limit"]) == (name, their_facts[name]["limit"])
        if not name.endswith("_types"):
            assert (name, fact["kind"], fact["desc"]) == (name, their_facts[name]["kind"], their_facts[name]["desc"])
        compared += 1
    assert compared > 60


def test_what_they_require_we_require(their_facts, our_facts):
    for name, fact in our_facts.items():
        if name in STRICTER:
            assert fact["required"], name
        elif name in their_facts:
            assert fact["required"] >= their_facts[name]["required"], name


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_what_we_write_is_valid_by_both(first, ours, theirs):
    document = etree.fromstring(random_users(first, 100))
    ours.assertValid(document)
    theirs.assertValid(document)


def seen_in(document):
    """Every element and attribute in its place: {"address/line1", "address/@preferred", …}."""
    seen = set()
    for element in document.iter():
        parent = element.getparent()
        if parent is not None:
            seen.add(f"{parent.tag}/{element.tag}")
        seen.update(f"{element.tag}/{name}" for name in element.attrib)
    return seen


def test_random_users_reach_every_field(our_facts):
    seen = seen_in(etree.fromstring(random_users(0, 300)))
    places = {name for name in our_facts if not name.startswith("contact_info")}
    assert {place for place in places if place not in seen} == set()


class Mutation:
    """One random change to a document that may or may not leave it valid."""

    VALUES = ["", "x" * 51, "x" * 255, "x" * 256, "x" * 2001, "2026-09-01Z", "2026-02-30", "true", "1", "TRUE",
              "2026-09-01T00:00:00Z", "&<>", " ", "東" * 255, "東" * 256]
    NAMES = ["password", "full_name", "user", "email", "code", "value", "note", "desc", "contact_info", "account_type"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def apply(self, document):
        elements = list(document.iter())
        element = self.random.choice(elements)
        change = self.random.choice([self.drop, self.double, self.swap, self.text, self.rename, self.attribute,
                                     self.insert, self.move])
        change(element, elements)

    def drop(self, element, _):
        if element.getparent() is not None:
            element.getparent().remove(element)

    def double(self, element, _):
        if element.getparent() is not None:
            element.addnext(copy.deepcopy(element))

    def swap(self, element, _):
        if element.getnext() is not None:
            element.getnext().addnext(element)

    def text(self, element, _):
        element.text = self.random.choice(self.VALUES)

    def rename(self, element, elements):
        element.tag = self.random.choice(self.NAMES + [other.tag for other in elements[:50]])

    def attribute(self, element, _):
        name = self.random.choice(["preferred", "segment_type", "preferred_sms", "desc", "link", "other"])
        element.set(name, self.random.choice(self.VALUES))

    def insert(self, element, elements):
        child = etree.SubElement(element, self.random.choice(self.NAMES + [e.tag for e in elements[:50]]))
        child.text = self.random.choice(self.VALUES)

    def move(self, element, elements):
        target = self.random.choice(elements)
        if element.getparent() is not None and target not in element.iter():
            target.append(element)


def test_what_ours_accepts_theirs_accepts(ours, theirs):
    accepted = refused = 0
    for seed in range(3000):
        document = mutated(seed)
        if ours.validate(document):
            accepted += 1
            assert theirs.validate(document), (seed, theirs.error_log, etree.tostring(document))
        else:
            refused += 1
    # Both outcomes must be common, or this test has shown nothing.
    assert accepted > 300 and refused > 300


SEEDLINGS = []


def mutated(seed):
    if not SEEDLINGS:
        SEEDLINGS.extend(etree.fromstring(random_users(first, 2)) for first in range(0, 100, 2))
    document = copy.deepcopy(SEEDLINGS[seed % len(SEEDLINGS)])
    mutation = Mutation(seed)
    for _ in range(1 + seed % 2):
        mutation.apply(document)
    return document


def samples():
    return sorted((THEIRS / "samples").glob("*.xml")) or [None]


def without_what_is_not_loaded(document, our_facts):
    """The sample reduced to what a load reads: other loaders send output elements too."""
    for element in list(document.iter()):
        parent = element.getparent()
        if parent is not None and parent.tag != "users" and f"{parent.tag}/{element.tag}" not in our_facts:
            parent.remove(element)
    return document


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.stem if path else "none")
def test_samples_are_judged_alike(sample, ours, theirs, our_facts):
    if sample is None:
        pytest.skip("Ex Libris' samples are not beside the source folder")
    document = etree.parse(str(sample)).getroot()
    if theirs.validate(document):
        ours.assertValid(without_what_is_not_loaded(document, our_facts))
    else:
        assert not ours.validate(document)


def test_the_tool_judges_as_lxml_does(ours, tmp_path):
    for seed in range(100):
        path = tmp_path / f"{seed}.xml"
        path.write_bytes(etree.tostring(mutated(seed), encoding="UTF-8"))
        run = subprocess.run([TOOL, "validate", path], capture_output=True, text=True, check=False)
        assert (run.returncode == 0) == ours.validate(etree.parse(str(path))), run.stdout


def test_no_password_in_the_schema(our_facts):
    assert not [name for name in our_facts if "password" in name]
