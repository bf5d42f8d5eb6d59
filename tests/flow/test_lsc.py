"""The scripts for LSC, started as LSC's executable plug-in starts them; see support/java/Lsc.java."""

import base64
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
import yaml
from conftest import PROGRAM, TOP, UNINSTALLED

from feed import NO_BRAKES, Feed
from java_driver import Failed, JavaDriver, java_classes  # noqa: F401 (a fixture)

LSC = TOP / "contrib/lsc"
BASE = "ou=people,dc=example,dc=edu"
CORE = "{http://lsc-project.org/XSD/lsc-core-2.2.xsd}"
EXEC = "{http://lsc-project.org/XSD/lsc-executable-plugin-1.0.xsd}"
FETCHED = ["uid", "givenName", "sn", "employeeType", "mail"]
HARD = ["Núñez, José", "أحمد محمود", "שלום", "𝒳𝓎 😀", " begins and ends ", ": colon", "< less", "one\ntwo\r\n",
        "a=b,c+d;e\"f\\g#h", "-", "dn: uid=other", "$(id) `id` ; | * ?", "\\2a*()", "0" * 200, "a\tb\t"]
# What a program that is not installed needs.
LITTLE = {"PATH": f"{pathlib.Path(PROGRAM).parent}:/usr/bin:/bin", **UNINSTALLED}

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")


class Pushed(Feed):
    """The feed of contrib/lsc with a folder in place of the server, and LSC's driver."""

    def __init__(self, folder, classes, pivot="uid", brakes=NO_BRAKES, environment=None):
        super().__init__(folder)
        settings = yaml.safe_load((LSC / "people.yaml").read_text())
        settings.update(delivery={"folder": "out"}, brakes=brakes, spool="spool")
        self.write("ldap2alma.yaml", json.dumps(settings))
        shutil.copy(TOP / "mappings/minimal.yaml", self.folder)
        variables = {"LDAP2ALMA_SETTINGS": self.folder / "ldap2alma.yaml", "LDAP2ALMA_PIVOT": pivot, **LITTLE}
        self.start = lambda: JavaDriver("Lsc", classes, "8", *(f"{key}={value}" for key, value in variables.items()),
                                        environment=environment)
        self.lsc = self.start()

    def change(self, operation, dn, *words):
        """Exit status, and what the script said."""
        status, said = self.lsc.call(operation, str(LSC / "change"), dn, *words)
        return int(status), said

    def add(self, uid, **attributes):
        words = []
        for name, values in person(uid, **attributes).items():
            words += ["add", name, str(len(values)), *values]
        return self.change("add", f"uid={uid},{BASE}", *words)

    def get(self, uid, pivot="uid"):
        """The DN and the attributes with their values, or None."""
        return (entries(self.lsc.call("get", str(LSC / "get"), "shown only", pivot, uid)) or [None])[0]

    def list(self):
        return {dn: attributes for dn, attributes in entries(self.lsc.call("list", str(LSC / "list")))}

    def synchronize(self, people, lsc=None, fetched=FETCHED):
        """LSC's two phases: how many were changed, how many failed, and LSC's log."""
        self.write("source.ldif", "".join(ldif(uid, **attributes) for uid, attributes in people.items()))
        modified, errors, log = (lsc or self.lsc).call("run", str(LSC), str(self.folder / "source.ldif"),
                                                       *map(str.lower, fetched))
        return int(modified), int(errors), log

    def program(self, *words, status=0, **options):
        result = subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True, timeout=60,
                                check=False, **options)
        assert result.returncode == status, result.stderr
        return result.stdout

    def delivered(self):
        """The primary identifiers of all records that went out in the last run."""
        before = set(self.packages())
        self.program("deliver")
        found = set()
        for package in set(self.packages()) - before:
            found |= set(subprocess.run(["unzip", "-p", package], capture_output=True, check=True).stdout.decode()
                         .split("<primary_id>")[1:])
        return {text.partition("<")[0] for text in found}


def person(uid, **attributes):
    return {"uid": [uid], "givenName": ["Ana"], "sn": ["Ruiz"], "employeeType": ["staff"],
            "mail": [f"{uid}@example.edu"], **attributes}


def ldif(uid, **attributes):
    lines = [f"dn: uid={uid},{BASE}"]
    for name, values in person(uid, **attributes).items():
        lines += [f"{name}:: {base64.b64encode(value.encode()).decode()}" for value in values]
    return "\n".join([*lines, "", ""])


def entries(words):
    """(DN, {attribute: set of values}) of what the driver tells: names and values in turn."""
    found = []
    for name, value in zip(words[::2], words[1::2]):
        if name == "dn":
            found.append((value, {}))
        else:
            found[-1][1].setdefault(name, set()).add(value)
    return found


def kept(**attributes):
    """The same in LSC's form."""
    return {name.lower(): set(values) for name, values in attributes.items() if values}


@pytest.fixture(name="make")
def make_feed(tmp_path, java_classes):  # noqa: F811
    made = []

    def make(**options):
        made.append(Pushed(tmp_path, java_classes, **options))
        return made[-1]

    yield make
    for feed in made:
        if feed.lsc.process.poll() is None:
            feed.lsc.__exit__()


@pytest.fixture(name="feed")
def make_one(make):
    return make()


# Without a locale Java writes and reads ASCII alone, and "?" for all else.
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_each_value_comes_back_as_it_went(make, locale):
    feed = make(environment={"LC_ALL": locale})
    for number, value in enumerate(HARD):
        dn = f"uid=u{number},{BASE}"
        assert feed.add(f"u{number}", description=[value, "second"], cn=[value]) == (0, "")
        assert feed.get(f"u{number}") == (
            dn, kept(**person(f"u{number}", description=[value, "second"], cn=[value])))
        assert feed.change("modify", dn, "delete", "cn", "0", "add", "description", "1", "third",
                           "delete", "description", "1", "second", "replace", "title", "2", value, "x") == (0, "")
        assert feed.get(f"u{number}")[1] == kept(
            **person(f"u{number}", description=[value, "third"], title=[value, "x"]))
    assert len(feed.list()) == len(HARD)


def test_a_pivot_means_only_itself(feed):
    for number, value in enumerate(HARD):
        assert feed.add(f"u{number}", employeeNumber=[value]) == (0, "")
    for number, value in enumerate(HARD):
        assert feed.get(value, pivot="employeeNumber")[0] == f"uid=u{number},{BASE}"
    assert feed.get("0" * 199, pivot="employeeNumber") is None
    assert feed.get("*", pivot="employeeNumber") is None


@pytest.mark.parametrize("uid", ["aruiz", "u" * 69])  # a line is folded behind the second one
def test_an_identifier_is_no_pivot_of_another_name(feed, uid):
    """Who is found by the identifier must have the pivot as it was given, and no longer one."""
    feed.add(uid, title=[f"{uid} and more"])
    assert feed.get(uid, pivot="title") is None
    assert feed.get(f"{uid} and more", pivot="title")[0] == f"uid={uid},{BASE}"


def test_a_person_from_first_to_last(feed):
    dn, renamed = f"uid=aruiz,{BASE}", f"uid=Núñez\\, José,ou=gäste,{BASE}"
    assert feed.add("aruiz") == (0, "")
    assert feed.list() == {dn: {"uid": {"aruiz"}}}
    assert feed.delivered() == {"aruiz"}
    assert feed.change("modify", dn, "replace", "sn", "1", "Cole") == (0, "")
    assert feed.delivered() == {"aruiz"}
    assert feed.change("modrdn", dn, f"uid=aruiz,ou=guests,{BASE}") == (0, "")
    assert feed.change("modrdn", f"uid=aruiz,ou=guests,{BASE}", f"uid=aruiz,ou=gäste,{BASE}") == (0, "")
    assert feed.get("aruiz") == (f"uid=aruiz,ou=gäste,{BASE}", kept(**person("aruiz", sn=["Cole"])))
    assert feed.delivered() == set()
    assert feed.change("modrdn", f"uid=aruiz,ou=gäste,{BASE}", renamed)[0] == 0
    assert feed.get("Núñez, José")[0] == renamed
    assert feed.change("delete", renamed) == (0, "")
    assert feed.get("Núñez, José") is None and feed.list() == {}


def test_what_is_refused_is_an_error_with_its_reason(feed):
    feed.add("aruiz")
    refused = [feed.add("aruiz"),                                      # is there
               feed.add("bcole", sn=[]),                               # the mapping requires it
               feed.change("add", f"cn=other,{BASE}", "add", "uid", "1", "ARuiz", "add", "sn", "1", "x",
                           "add", "employeeType", "1", "staff", "add", "mail", "1", "x@example.edu"),
               feed.change("modify", f"uid=nobody,{BASE}", "replace", "sn", "1", "x"),
               feed.change("delete", f"uid=nobody,{BASE}")]
    for status, said in refused:
        assert status == 65
        assert said.startswith("ERROR: ") and all(line.startswith("ERROR: ") for line in said.splitlines())
    assert feed.list() == {f"uid=aruiz,{BASE}": {"uid": {"aruiz"}}}


def test_who_will_be_held_is_taken_with_a_warning(feed):
    """The match identifier that Alma knows for somebody else."""
    feed.add("aruiz")
    feed.delivered()
    feed.change("delete", f"uid=aruiz,{BASE}")
    status, said = feed.change("add", f"cn=other,{BASE}", "add", "uid", "1", "aruiz", "add", "sn", "1", "x",
                               "add", "employeeType", "1", "staff", "add", "mail", "1", "x@example.edu")
    assert status == 0 and re.match("WARN: .*cn=other", said), said
    assert feed.get("aruiz")[0] == f"cn=other,{BASE}"


def test_get_never_answers_nobody_when_it_fails(feed):
    def fails(script, given, reason):
        status, output, said = feed.lsc.call("execute", str(LSC / script), "shown only", given)
        assert status != "0" and output == "" and re.search(f"^ERROR: .*{reason}", said, re.M), said

    feed.add("one", title=["same"])
    feed.add("two", title=["same"])
    fails("get", "title: same\n", "2 people have the same pivots")
    fails("get", "", "not a pivot")
    fails("get", "uid: \n", "without a value")
    fails("get", "uid:: \n", "without a value")
    fails("get", "uid:: @@@\n", "not Base64")
    fails("get", "u)(id: x\n", "not a pivot")
    fails("get", "\n", "not a pivot")
    feed.write("ldap2alma.yaml", "name: people\nbroken: yes\n")
    fails("get", "uid: one\n", "ldap2alma.yaml:2")
    fails("list", "", "ldap2alma.yaml:2")
    with pytest.raises(Failed, match="exit code=78"):
        feed.list()
    with pytest.raises(Failed, match="exit code=78"):
        feed.get("one")
    (feed.folder / "ldap2alma.yaml").unlink()
    fails("get", "uid: one\n", "ldap2alma.yaml")
    fails("change", "dn: uid=x\nchangetype: delete\n\n", "ldap2alma.yaml")


def test_the_variables_are_needed(tmp_path, java_classes):  # noqa: F811
    with JavaDriver("Lsc", java_classes, "1") as lsc:
        for script, given, name in (("list", "", "PIVOT"), ("get", "uid: x\n", "SETTINGS"),
                                    ("change", "dn: x=y\nchangetype: delete\n\n", "SETTINGS")):
            status, _, said = lsc.call("execute", str(LSC / script), "x", given)
            assert status == "65" and f"LDAP2ALMA_{name} is missing in lsc.xml" in said


@pytest.mark.parametrize("last", [["-"], []])  # some LSCs write none behind the last part
def test_an_unfinished_change_is_not_taken(feed, last):
    feed.add("aruiz")
    change = "\n".join(["# Mon Dec 11 16:39:54 CET 2023", f"dn: uid=aruiz,{BASE}", "changetype: modify",
                        "replace: sn", "sn: Cole", "-", "add: mail", "mail: x@example.edu", *last, "", ""])
    for end in range(len(change)):
        status, _, said = feed.lsc.call("execute", str(LSC / "change"), "x", change[:end])
        assert status == "65" and "cut off" in said, change[:end]
    assert feed.get("aruiz")[1] == kept(**person("aruiz"))
    assert feed.lsc.call("execute", str(LSC / "change"), "x", change)[0] == "0"
    assert feed.get("aruiz")[1] == kept(**person("aruiz", sn=["Cole"], mail=["aruiz@example.edu", "x@example.edu"]))


def test_a_script_killed_in_mid_write_leaves_no_half_person(feed):
    feed.add("aruiz")
    change = f"dn: uid=aruiz,{BASE}\nchangetype: modify\nreplace: title\n" + "".join(
        f"title: {number:06}\n" for number in range(20000)) + "\n"
    for end in (0, 50, 1000, 65536, 200000, len(change) - 2):
        feed.lsc.call("kill", str(LSC / "change"), "x", change, str(end))
        assert "title" not in feed.get("aruiz")[1]
    feed.lsc.call("kill", str(LSC / "change"), "x", change, str(len(change)))
    assert len(feed.get("aruiz")[1].get("title", ())) in (0, 20000)


def test_huge_values(feed):
    huge = ["é" * 3_000_000, "plain " * 500_000 + "."]
    many = [f"{number}@example.edu" for number in range(10000)]
    assert feed.add("aruiz", description=huge) == (0, "")
    assert feed.get("aruiz")[1]["description"] == set(huge)
    assert feed.change("modify", f"uid=aruiz,{BASE}", "replace", "mail", str(len(many)), *many) == (0, "")
    assert feed.get("aruiz")[1]["mail"] == set(many)
    status, _, said = feed.lsc.call("execute", str(LSC / "change"), "x", f"dn: uid={'x' * 300_000},{BASE}\n\n")
    assert status == "65" and said.startswith("ERROR: ")


def test_no_more_is_said_than_a_pipe_takes(feed):
    """LSC reads it when the script has ended, which it would never do."""
    feed.write("ldap2alma.yaml", "".join(f"unknown_{number}: x\n" for number in range(10000)))
    status, _, said = feed.lsc.call("execute", str(LSC / "list"), "x", "")
    assert status == "78" and 5000 < len(said) < 20000
    assert all(line.startswith("ERROR: ") for line in said.splitlines())


def test_eight_threads_until_nothing_differs(feed):
    people = {f"u{number}": {"sn": [f"{HARD[number % 8]} {number}"]} for number in range(24)}
    assert feed.synchronize(people) == (24, 0, "DEBUG: Entries count: 0\n" * 24)
    assert feed.synchronize(people) == (0, 0, "")
    assert set(feed.list()) == {f"uid={uid},{BASE}" for uid in people}
    assert feed.delivered() == set(people)
    people["u0"] = {"sn": [], "cn": ["x"]}          # refused: a last name is required
    people["u1"] = {"sn": ["New"]}
    del people["u2"]
    modified, errors, log = feed.synchronize(people)
    assert (modified, errors) == (2, 1) and re.search("ERROR: .*uid=u0,", log)
    assert feed.delivered() == {"u1"}
    assert "u2" not in {uid for attributes in feed.list().values() for uid in attributes["uid"]}


def test_lsc_killed_at_work_goes_on_where_it_was(feed):
    people = {f"u{number}": {} for number in range(20)}
    feed.write("source.ldif", "".join(map(ldif, people)))
    lsc = feed.start()
    lsc.send([("run", str(LSC), str(feed.folder / "source.ldif"), *map(str.lower, FETCHED))])
    while len(feed.list()) < 3:
        pass
    lsc.kill()
    lsc.process.stdin.close()
    lsc.process.stdout.close()
    for dn, attributes in feed.list().items():
        uid, = attributes["uid"]
        assert feed.get(uid) == (dn, kept(**person(uid)))
    # What the killed one's scripts still did, they did whole.
    _, _, log = feed.synchronize(people)
    assert feed.synchronize(people)[:2] == (0, 0), log
    assert feed.delivered() == set(people)


def test_a_source_that_collapses_is_stopped_before_alma(make):
    feed = make(brakes={"missing": "50%"})
    people = {f"u{number}": {} for number in range(6)}
    feed.synchronize(people)
    assert feed.delivered() == set(people)
    feed.synchronize({"u0": {}})
    before = feed.packages()
    feed.program("deliver", status=2)
    assert feed.packages() == before
    # LSC refuses an empty source, and cleans all the same.
    assert feed.synchronize({})[:2] == (1, 1) and feed.list() == {}
    feed.program("deliver", status=2)
    assert feed.packages() == before


def test_who_has_no_pivot_is_not_shown(make):
    feed = make(pivot="uid employeeNumber")
    feed.add("one", employeeNumber=["1"])
    feed.add("two")
    assert feed.list() == {f"uid=one,{BASE}": {"uid": {"one"}, "employeenumber": {"1"}}}


# What LSC's schemas want in these, in this order; "?": may be left out.
ORDER = {
    "lsc": ["connections", "tasks", "security?"],
    "ldapConnection": ["name", "url", "username", "password", "authentication?", "referral?", "derefAliases?",
                       "version?", "pageSize?", "factory?", "tlsActivated?"],
    "pluginConnection": ["name", "url", "username", "password"],
    "task": ["name", "bean", "ldapSourceService", "pluginDestinationService", "propertiesBasedSyncOptions"],
    "ldapSourceService": ["name", "connection", "baseDn", "pivotAttributes", "fetchedAttributes", "getAllFilter",
                          "getOneFilter", "cleanFilter?"],
    "pluginDestinationService": ["name", "connection", "executableLdifDestinationServiceSettings"],
    "executableLdifDestinationServiceSettings": [
        "name", "connection", "listScript", "getScript", "addScript", "updateScript", "removeScript", "renameScript",
        "variables?", "fetchedAttributes"],
    "propertiesBasedSyncOptions": ["mainIdentifier", "defaultDelimiter", "defaultPolicy", "dataset?"],
}


def test_lsc_xml_has_the_order_of_the_schema():
    for element in ElementTree.parse(LSC / "lsc.xml").iter():
        name = element.tag.partition("}")[2]
        if name in ORDER:
            found = [child.tag.partition("}")[2] for child in element]
            assert found == [word.rstrip("?") for word in ORDER[name]
                             if not word.endswith("?") or word[:-1] in found], name


def test_lsc_xml_fits_the_scripts_and_the_mapping():
    tree = ElementTree.parse(LSC / "lsc.xml")
    settings = tree.find(f".//{EXEC}executableLdifDestinationServiceSettings")
    for name in ("list", "get", "add", "update", "remove", "rename"):
        script = pathlib.Path(settings.findtext(f"{EXEC}{name}Script"))
        assert script.parent == pathlib.Path("/usr/local/share/ldap2alma/lsc")
        assert script.name == (name if name in ("list", "get") else "change")
        assert os.access(LSC / script.name, os.X_OK)
    variables = {entry.findtext(f"{CORE}key"): entry.findtext(f"{CORE}value") for entry in settings.iter(f"{CORE}entry")}
    texts = "".join((LSC / name).read_text() for name in ("list", "get", "change", "feed.sh"))
    assert set(variables) == set(re.findall(r"\$\{(LDAP2ALMA_\w+)", texts))
    reads, writes = ([text.text for text in tree.find(path)] for path in (
        f".//{CORE}ldapSourceService/{CORE}fetchedAttributes", f".//{EXEC}fetchedAttributes"))
    pivots = [text.text for text in tree.find(f".//{CORE}pivotAttributes")]
    assert reads == writes and variables["LDAP2ALMA_PIVOT"].split() == pivots and set(pivots) <= set(reads)
    mapping = (TOP / "mappings/minimal.yaml").read_text()
    used = set(re.findall(r"\$\{(\w+)(?= \||\})", mapping)) - {"each", "today"}
    assert used == set(reads) - set(pivots)
    references = {element.get("reference") for element in tree.iter(f"{CORE}connection")}
    assert references == {name.text for name in tree.findall(f"{CORE}connections/*/{CORE}name")}
    ElementTree.parse(LSC / "logback.xml")


def test_people_of_lsc_xml_keep_their_id(make):
    """The directory's own id is the pivot: whatever else changes, it is the same person."""
    feed = make(pivot="entryUUID")
    uuid = {"entryUUID": ["3f2504e0-4f89-41d3-9a0c-000000000001"]}
    fetched = ["entryUUID", *FETCHED]
    assert feed.synchronize({"aruiz": uuid}, fetched=fetched)[:2] == (1, 0)
    assert feed.delivered() == {"aruiz"}
    assert feed.synchronize({"acole": uuid}, fetched=fetched)[:2] == (1, 0)      # renamed
    feed.synchronize({"acole": uuid}, fetched=fetched)
    assert feed.list() == {f"uid=acole,{BASE}": {"entryuuid": set(uuid["entryUUID"])}}
    assert feed.get(uuid["entryUUID"][0], pivot="entryUUID")[1] == kept(**person("acole", **uuid))


def test_another_pivot_and_the_same_dn_are_the_same_person(make):
    feed = make(pivot="employeeNumber")
    fetched = ["employeeNumber", *FETCHED]
    assert feed.synchronize({"aruiz": {"employeeNumber": ["1"]}}, fetched=fetched)[:2] == (1, 0)
    assert feed.delivered() == {"aruiz"}
    assert feed.synchronize({"aruiz": {"employeeNumber": ["2"]}}, fetched=fetched)[:2] == (1, 1)
    assert feed.list() == {}
    assert feed.synchronize({"aruiz": {"employeeNumber": ["2"], "sn": ["Cole"]}}, fetched=fetched) == (
        1, 0, "DEBUG: Entries count: 0\n")
    assert feed.delivered() == {"aruiz"}


def test_the_steps_of_the_readme(feed):
    text = (LSC / "README.md").read_text()
    block, = [block for block in re.findall(r"```sh\n(.*?)```", text, re.S) if "env -i" in block]
    for old, new in (("runuser -u ldap2alma -- ", ""), ("/usr/local/share/ldap2alma/lsc", str(LSC)),
                     ("/etc/ldap2alma/people.yaml", str(feed.folder / "ldap2alma.yaml")),
                     ("env -i", "env -i " + " ".join(f"{key}={value}" for key, value in LITTLE.items()))):
        assert old in block
        block = block.replace(old, new)
    result = subprocess.run(["sh", "-euc", block], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0 and result.stderr == ""
    assert entries_of(result.stdout) == [(f"uid=aruiz,{BASE}", {"uid", "givenName", "sn", "employeeType", "mail"})]
    assert feed.list() == {}


def entries_of(text):
    """(DN, names of attributes) of a text of LDIF without Base64."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = [line.partition(": ") for line in block.splitlines()]
        assert lines[0][0] == "dn"
        found.append((lines[0][2], {name for name, _, _ in lines[1:]}))
    return found


def test_nobody_else_reads_what_is_kept(feed):
    feed.add("aruiz")
    for path in (feed.folder / "spool").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@needs_systemd
def test_systemd_runs_lsc_first(tmp_path):
    text = (LSC / "lsc-alma.service").read_text()
    assert text.count("/usr/bin/lsc ") == 1
    (tmp_path / "lsc-alma.service").write_text(text.replace("/usr/bin/lsc ", "/bin/true "))
    (tmp_path / "ldap2alma@people.service").write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
    (tmp_path / "ldap2alma@people.service.d").mkdir()
    shutil.copy(LSC / "people.conf", tmp_path / "ldap2alma@people.service.d/lsc.conf")
    units = [tmp_path / "lsc-alma.service", tmp_path / "ldap2alma@people.service"]
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True,
                            check=False, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "User=ldap2alma" in text and "ReadWritePaths=/var/spool/ldap2alma" in text
