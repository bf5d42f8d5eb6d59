r"""example_rule: examples of single rules: the rule, a blank line, and what it makes of which entry.

    user_group: ${employeeType | lookup groups | default PUBLIC}
    user_title: ${title | lookpu titles}

    employeeType: staff   → user_group: STAFF
    telephoneNumber: none → no phones
    → unknown transform 'lookpu'; did you mean 'lookup'?

On the left stand attributes with "; " between them (`dn` and `today` are those of the case), on the
right fields as a mapping test names them, or `no FIELD`, `rejected: CODE`, `skipped`, `finding:
CODE`. A line with nothing on the left is what is said of the mapping. What is indented goes on with
the line before it.

The short form is a template alone, and below it the values of its attribute on the left and what
comes out on the right, or `no value`.

A rule is made a whole mapping by what it lacks, then the lines are cases of a mapping test.
"""

import base64
import json
import re

FRAME = {
    "mapping": "mapping: 1\n",
    "match_id": "match_id: primary_id\n",
    "tables": "tables:\n  groups: { staff: STAFF, faculty: FACULTY }\n",
    "user": "user:\n",
    "primary_id": "  primary_id: ${uid}\n",
}
# The keys of a mapping; what else stands at a fragment's left edge is a field.
KEYS = ("mapping", "name", "match_id", "extends", "select", "require", "tables", "codes", "define",
        "user")
BYTES = ("objectGUID", "objectSid")
# Where the short form's value goes.
FIELD = "job_description"


def split(text):
    """The rules, and the lines behind them as (left, right)."""
    rules, _, rest = text.partition("\n" if text.startswith("${") else "\n\n")
    lines = re.sub(r"\n +", " ", rest).splitlines()
    for line in lines:
        assert "→" in line, f"no arrow in '{line}'"
    return rules + "\n", [tuple(part.strip() for part in line.split("→")) for line in lines]


def complete(rules):
    """A whole mapping out of some of its keys, or some of its fields, or both."""
    top, fields, key = {}, "", ""
    for line in rules.splitlines(True):
        if found := re.match(r"(\w+):", line):
            key = found.group(1)
        if key in KEYS:
            top[key] = top.get(key, "") + line
        else:
            fields += f"  {line}" if line.strip() else line
    for key in ("mapping", "match_id", "user"):
        top.setdefault(key, FRAME[key])
    if "lookup groups" in rules:
        top.setdefault("tables", FRAME["tables"])
    if not re.search(r"(?m)^  primary_id:", top["user"] + fields):
        fields = FRAME["primary_id"] + fields
    user = top.pop("user")
    return "".join(top.values()) + user + fields


def ldif_line(name, value):
    data = value.encode()
    if name in BYTES:
        data = bytes.fromhex(re.sub(r"[^0-9a-f]", "", value))
    if data.isascii() and data.decode().isprintable() and not data.startswith((b" ", b":", b"<")):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(data).decode()}"


def expectations(right):
    """The right side, as lines of a case."""
    expect, absent = [], []
    for part in right.split("; "):
        key, _, value = part.partition(": ")
        if part.startswith("no "):
            absent.append(json.dumps(part[3:]))
        elif part == "skipped":
            yield "skipped: true"
        elif key in ("rejected", "finding"):
            yield f"{key}: {value}"
        else:
            expect.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    if expect:
        yield f"expect: {{ {', '.join(expect)} }}"
    if absent:
        yield f"absent: [{', '.join(absent)}]"


def case(number, left, right, name=None):
    """(today, a case of a mapping test as YAML). `name` is the attribute of the short form."""
    pairs = [(name, part) if name else tuple(part.split(": ", 1))
             for part in (left.split("; ") if left else [])]
    own = {"dn": "uid=x,dc=example,dc=edu", "today": "2026-09-01"}
    own |= {key: value for key, value in pairs if key in own}
    entry = [("dn", own["dn"]), *[("uid", "x")] * ("uid" not in dict(pairs)),
             *[pair for pair in pairs if pair[0] not in own]]
    if name:
        right = f"no {FIELD}" if right == "no value" else f"{FIELD}: {right}"
    lines = [f"- name: line {number}", "  entry: |", *(f"    {ldif_line(*pair)}" for pair in entry),
             *(f"  {line}" for line in expectations(right))]
    return own["today"], "".join(f"  {line}\n" for line in lines)


def write_tests(folder, cases, name):
    """A file for each day; gives their names."""
    days = {}
    for number, pair in enumerate(cases, 1):
        today, text = case(number, *pair, name)
        days[today] = days.get(today, "") + text
    for today, text in days.items():
        (folder / f"{today}.test.yaml").write_text(
            f"mapping: mapping.yaml\ntoday: {today}\ncases:\n{text}")
    return [f"{folder.name}/{today}.test.yaml" for today in days]


def said_of(output):
    """What `check` says of the mapping, without the places."""
    return re.findall(r"(?m)^(?:error: )?rule/mapping\.yaml:\d+:\d+: (?:warning: )?(.*)", output)


def check(story, text):
    rules, cases = split(text)
    name = None
    if rules.startswith("${"):
        name = re.match(r"\$\{([\w.;-]+)", rules).group(1)
        rules = f"{FIELD}: {json.dumps(rules.strip(), ensure_ascii=False)}\n"
        assert cases, "a template is no example without what it makes of what"
    folder = story.folder / "rule"
    folder.mkdir(exist_ok=True)
    mapping = complete(rules)
    (folder / "mapping.yaml").write_text(mapping)
    said = [] if name else [right for left, right in cases if not left]
    status, output = story.shell("ldap2alma check rule/mapping.yaml")
    assert said_of(output) == said, f"\n{mapping}\n{output}"
    if status == 0:
        tests = write_tests(folder, [pair for pair in cases if pair[0] or name]
                            or [("sn: Ruiz", "primary_id: x")], name)
        status, output = story.shell(f"ldap2alma test {' '.join(tests)}")
        assert status == 0, f"\n{mapping}\n{output}"
    else:
        assert said and len(said) == len(cases), "a mapping with a fault makes nothing of an entry"
