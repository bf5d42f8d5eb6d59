"""contrib/connid: the script that ConnId's CMD connector starts, driven as the connector does it, by
tests/support/java/ConnId.java."""

import configparser
import json
import os
import pty
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest
import yaml
from conftest import TOP, UNINSTALLED
from java_driver import Failed, JavaDriver, java_classes  # noqa: F401 (a fixture)

from feed import PROGRAM, Feed

FOLDER = TOP / "contrib/connid"
SCRIPT = FOLDER / "connid"
COMMON = "http://midpoint.evolveum.com/xml/ns/public/common/common-3"
PERSON = {"__NAME__": "1001", "uid": "jdoe", "givenName": "Jöns", "sn": "Doe", "mail": ["j@example.edu", "d@example.edu"],
          "__ENABLE__": "true"}
ODD = ["Jörg Ñandú", "יוסף כהן", "𝒜𝒷 😀", "Doe, John", "a\nb\tc\r\nd", " led and trailed ", "#!:=\\", "ends in \\",
       "--- NEW SEARCH RESULT ITEM ---", "$(id) `id` ;'\"* %s", "\u0085\u2028\ufeff", "\\u0041", "?"]


class Plugged:
    """A feed with the script in front, in a folder; `connector` is what the framework has."""

    def __init__(self, folder, connector):
        self.folder, self.connector = folder, connector
        self.trouble = folder / "trouble"
        self.trouble.mkdir()
        feed = Feed(folder, mapping=(FOLDER / "mapping.yaml").read_text())
        self.run = feed.run
        text = (folder / "ldap2alma.yaml").read_text()
        feed.write("ldap2alma.yaml", text.replace("{ ldif: people.ldif }", "{ push: {} }"))
        self.feed = feed
        kept = [f"{name}={value}" for name, value in UNINSTALLED.items()]
        self.command = " ".join(["/usr/bin/env", *kept, PROGRAM, "-c", str(folder / "ldap2alma.yaml")])
        self.configure()

    def configure(self, **changes):
        """The configuration that is shipped, but for its places."""
        parser = configparser.ConfigParser(delimiters=["="], interpolation=None)
        parser.optionxform = str
        parser.read(FOLDER / "connid.conf")
        parser["ldap2alma"].update({"command": self.command, "trouble": str(self.trouble),
                                    "log": str(self.folder / "log"), **changes})
        with open(self.folder / "connid.conf", "w", encoding="utf-8") as file:
            parser.write(file)

    def wrap(self, script, **changes):
        """Puts a script in the program's place; "$@" there is the program."""
        path = self.folder / "wrapper"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        self.configure(command=f"{path} {self.command}", **changes)

    def words(self, operation, *rest):
        """A call for the connector: `rest` may end in a dictionary of attributes."""
        words = [operation, f"{SCRIPT} {self.folder}/connid.conf {operation}", "__ACCOUNT__"]
        for part in rest:
            if isinstance(part, dict):
                for name, values in part.items():
                    values = [values] if isinstance(values, str) else values
                    words += [name, str(len(values)), *values]
            else:
                words.append(part)
        return words

    def call(self, *words):
        return self.connector.call(*self.words(*words))

    def search(self, *words):
        """Objects as dictionaries, by their key."""
        return objects(self.call("search", *words))

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def check(self):
        result = subprocess.run([SCRIPT, self.folder / "connid.conf", "check"], capture_output=True, text=True,
                                check=False)
        assert result.stderr == ""
        return result.returncode, result.stdout.splitlines()


def objects(words):
    found = {}
    while words:
        count = int(words[0])
        pairs = words[1:1 + 2 * count]
        words = words[1 + 2 * count:]
        one = dict(zip(pairs[::2], pairs[1::2]))
        assert one.pop("__UID__") == one["__NAME__"] and one["__NAME__"] not in found
        found[one["__NAME__"]] = one
    return found


def flat(person):
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in person.items()}


@pytest.fixture(scope="module", name="connector")
def make_connector(java_classes):  # noqa: F811
    with JavaDriver("ConnId", java_classes, "8") as connector:
        yield connector


@pytest.fixture(name="plugged")
def make_plugged(tmp_path, connector):
    return Plugged(tmp_path, connector)


def test_from_create_to_delete(plugged):
    plugged.call("test")
    assert "test: all is well" in plugged.log()
    assert plugged.search() == {}
    assert plugged.call("create", PERSON) == ["1001"]
    assert plugged.search() == {"1001": flat(PERSON)}
    # The framework sends all that it maps; what is not there has been cleared.
    changed = {**PERSON, "mail": [], "sn": "Doe-Ruiz", "__ENABLE__": "false"}
    assert plugged.call("update", "1001", changed) == ["1001"]
    del changed["mail"]
    assert plugged.search() == {"1001": changed}
    assert plugged.search("equals", "__UID__", "1001") == {"1001": changed}
    plugged.call("delete", "1001")
    assert plugged.search() == plugged.search("equals", "__UID__", "1001") == {}
    plugged.call("delete", "1001")  # who is not there is no failure
    assert plugged.check()[0] == 0 and len(plugged.log().splitlines()) == 1


def test_what_is_sent_is_delivered(plugged):
    plugged.call("create", PERSON)
    plugged.call("create", {**PERSON, "__NAME__": "1002", "uid": "bob", "sn": "Cole, Jr.", "mail": "bob@example.edu"})
    assert plugged.run(command="deliver").returncode == 0
    users = {user.findtext("primary_id"): user for user in plugged.feed.users()}
    assert set(users) == {"jdoe", "bob"}
    assert users["bob"].findtext("last_name") == "Cole, Jr."
    assert {mail.findtext("email_address") for mail in users["jdoe"].iter("email")} == set(PERSON["mail"])


def test_odd_values_come_back(plugged, java_classes):  # noqa: F811
    """Whatever is in a value, nothing of it is lost or run; in a search no locale matters."""
    calls = [plugged.words("create", {**PERSON, "__NAME__": f"k{value}k", "uid": f"u{i}", "sn": value, "mail": []})
             for i, value in enumerate(ODD)]
    plugged.connector.calls(calls)
    assert plugged.check()[1][1:] == []
    found = plugged.search()
    assert {key: one["sn"] for key, one in found.items()} == {f"k{value}k": value for value in ODD}
    with JavaDriver("ConnId", java_classes, "1", environment={"LC_ALL": "C"}) as connector:
        assert objects(connector.call(*plugged.words("search"))) == found
    searches = [plugged.words("search", "equals", *words) for value in ODD
                for words in (("__NAME__", f"k{value}k"), ("sn", value))]
    for i, words in enumerate(plugged.connector.calls(searches)):
        assert set(objects(words)) == {f"k{ODD[i // 2]}k"}


def test_letters_that_java_has_lost(plugged, java_classes):  # noqa: F811
    with JavaDriver("ConnId", java_classes, "1", environment={"LC_ALL": "C"}) as connector:
        connector.call(*plugged.words("test"))
        connector.call(*plugged.words("create", PERSON))
        connector.call(*plugged.words("create", {**PERSON, "__NAME__": "1002", "givenName": "Bob"}))
    assert "the locale is not UTF-8" in plugged.log()
    assert "create: '1001': 'givenName' has a '?', which may be a letter that was lost" in plugged.log()
    assert set(plugged.search()) == {"1002"}


def test_letters_of_another_charset(plugged):
    environment = {"PATH": os.environ["PATH"], "OBJECT_CLASS": "__ACCOUNT__", "__NAME__": "1", "sn": b"J\xf6rg"}
    result = subprocess.run([SCRIPT, plugged.folder / "connid.conf", "create"], env=environment,
                            capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (65, b"") and "'sn' is not UTF-8" in plugged.log()


def test_searches(plugged):
    for key, uid, mails in (("1", "anna", ["a@x.edu", "b@x.edu"]), ("2", "Bo*b", ["b@x.edu"]), ("3", "a(n)\\n", [])):
        plugged.call("create", {**PERSON, "__NAME__": key, "uid": uid, "mail": mails})
    assert set(plugged.search("equals", "uid", "Bo*b")) == {"2"}
    assert set(plugged.search("equals", "uid", "a(n)\\n")) == {"3"}
    assert set(plugged.search("starts", "uid", "a")) == {"1", "3"}
    assert set(plugged.search("ends", "uid", "na")) == {"1"}
    assert set(plugged.search("contains", "uid", "o*")) == {"2"}
    assert set(plugged.search("starts", "__NAME__", "2")) == {"2"}
    assert set(plugged.search("equals", "mail", "a@x.edu,b@x.edu")) == {"1"}
    assert set(plugged.search("equals", "sn", "Doe")) == {"1", "2", "3"}
    assert plugged.search("equals", "sn", "Nobody") == {} and plugged.search("equals", "title", "x") == {}
    assert plugged.connector.call("search", f"{SCRIPT} {plugged.folder}/connid.conf search", "__GROUP__", "equals",
                                  "__NAME__", "1") == []


def test_a_refused_person(plugged):
    """The framework is told that all went well; log, check and search know better."""
    plugged.call("create", PERSON)
    assert plugged.call("update", "1001", {**PERSON, "sn": []}) == ["1001"]
    assert plugged.call("create", {"__NAME__": "1002", "uid": "x"}) == ["1002"]
    assert plugged.search() == {"1001": flat(PERSON)}
    status, lines = plugged.check()
    assert status == 1 and lines[0] == "LDAP2ALMA CONNID WARNING - 2 operations failed | failed=2;0;;0"
    assert re.search(r"Z update '1001': .*last_name", lines[1]) and re.search(r"Z create '1002': ", lines[2])
    assert re.search(r"update: '1001': .*last_name", plugged.log())
    plugged.call("update", "1001", PERSON)
    assert len(plugged.check()[1]) == 2
    plugged.call("delete", "1002")
    assert plugged.check() == (0, ["LDAP2ALMA CONNID OK - 0 operations failed | failed=0;0;;0"])


def test_what_is_not_for_it(plugged):
    plugged.connector.call("create", f"{SCRIPT} {plugged.folder}/connid.conf create", "__GROUP__", "__NAME__", "1", "g")
    plugged.call("create", {"__NAME__": " "})
    plugged.call("create", PERSON)
    plugged.call("update", "1001", {**PERSON, "__NAME__": "1002"})
    log = plugged.log().splitlines()
    assert "create: 'g': '__GROUP__' is not __ACCOUNT__" in log[0] and "no __NAME__ and no __UID__" in log[1]
    assert "update: '1001': the key would become '1002', and the connector cannot rename" in log[2] and len(log) == 3
    assert set(plugged.search()) == {"1001"}


def test_a_search_that_fails(plugged):
    """Nothing printed would mean that nobody is there."""
    plugged.call("create", PERSON)
    for script in ("exit 69", 'out=$("$@"); echo "$out"; echo; echo no more >&2; exit 70', "kill -9 $$"):
        plugged.wrap(script)
        for words in ((), ("equals", "__UID__", "1001"), ("starts", "sn", "D")):
            with pytest.raises(Failed, match="IllegalArgumentException"):
                plugged.search(*words)
    plugged.wrap("exec sleep 60", seconds="0.2")
    with pytest.raises(Failed, match="IllegalArgumentException"):
        plugged.search("equals", "__UID__", "1001")
    (plugged.folder / "connid.conf").unlink()
    with pytest.raises(Failed, match="IllegalArgumentException"):
        plugged.search()
    assert "search: no more" in plugged.log()


def test_a_script_that_was_moved(plugged):
    """Alone, without what it imports."""
    moved = shutil.copy(SCRIPT, plugged.folder)
    with pytest.raises(Failed, match="IllegalArgumentException"):
        plugged.connector.call("search", f"{moved} {plugged.folder}/connid.conf search", "__ACCOUNT__")


def test_the_program_is_silent(plugged):
    plugged.wrap("exec sleep 60", seconds="0.2")
    plugged.call("create", PERSON)
    assert "create '1001': no answer within 0.2 seconds" in plugged.check()[1][1]


def test_killed_in_the_middle(plugged):
    """The script is killed while the program has begun: what was begun is done whole, and is told."""
    plugged.call("create", PERSON)
    plugged.wrap('kill -9 $PPID; "$@"; touch ' + str(plugged.folder / "ended"))
    plugged.call("update", "1001", {**PERSON, "telephoneNumber": "x" * 100000})
    for _ in range(3000):
        if (plugged.folder / "ended").exists():
            break
        time.sleep(0.01)
    plugged.configure()
    assert plugged.search()["1001"]["telephoneNumber"] == "x" * 100000
    assert plugged.check()[0] == 1 and "update '1001': ended before it was known" in plugged.check()[1][1]
    plugged.call("update", "1001", PERSON)
    assert plugged.check()[0] == 0


@pytest.mark.parametrize("size", [1000, 10000])
def test_a_search_that_is_killed_shows_nobody_halved(plugged, size):
    """What the connector makes of each beginning of what is printed: whole people, or an exception."""
    people = {str(i): {**PERSON, "__NAME__": str(i), "uid": f"u{i}", "telephoneNumber": f"{i}" * size} for i in range(3)}
    plugged.connector.calls([plugged.words("create", person) for person in people.values()])
    assert plugged.search() == {key: flat(person) for key, person in people.items()}
    strace = subprocess.run(["strace", "-e", "trace=write", "-e", "signal=none", "-s", "40", SCRIPT,
                             plugged.folder / "connid.conf", "search"], capture_output=True, text=True, check=False)
    ends = re.findall(r'write\(1, "(__UID__=.*), (\d+)\)', strace.stderr)
    assert len(ends) == 3 and all(int(length) < 4096 for _, length in ends)  # such a write cannot be cut


def test_huge_values(plugged):
    """Linux gives a variable 128 KiB; what is longer cannot be started, which the framework is told."""
    plugged.call("create", {**PERSON, "telephoneNumber": "ü" * 60000})
    assert plugged.search()["1001"]["telephoneNumber"] == "ü" * 60000
    with pytest.raises(Failed, match="IOException"):
        plugged.call("create", {**PERSON, "__NAME__": "1002", "telephoneNumber": "x" * 200000})
    assert set(plugged.search()) == {"1001"}


def test_much_that_nobody_reads(plugged):
    """No pipe of the connector's is written to: it would block for ever."""
    plugged.wrap("yes 'ldap2alma: something' | head -c 1000000 | tee /dev/stderr; exit 65")
    plugged.call("create", PERSON)
    plugged.call("delete", "1001")
    plugged.call("test")
    assert plugged.check()[0] == 1


def test_eight_threads(plugged):
    people = {str(i): {**PERSON, "__NAME__": str(i), "uid": f"u{i}"} for i in range(24)}
    plugged.connector.calls([plugged.words("create", person) for person in people.values()])
    # The same person by all at once: one of them is it, and nothing is left to be told.
    plugged.connector.calls([plugged.words("update", "0", {**people["0"], "sn": f"n{i}"}) for i in range(16)])
    found = plugged.search()
    assert found.pop("0")["sn"] in {f"n{i}" for i in range(16)}
    assert found == {key: flat(person) for key, person in people.items() if key != "0"}
    assert plugged.check()[0] == 0 and list(plugged.trouble.iterdir()) == []


def test_a_person_who_will_be_held(plugged):
    """Taken, so it is no failure; the log tells."""
    plugged.call("create", PERSON)
    assert plugged.run(command="deliver").returncode == 0
    plugged.call("delete", "1001")
    plugged.call("create", {**PERSON, "__NAME__": "1002"})
    assert "create: '1002' was taken, but is held: " in plugged.log()
    assert plugged.check()[0] == 0 and set(plugged.search()) == {"1002"}


@pytest.mark.parametrize("change, said", [
    ({"trouble": "missing"}, "No such file"),
    ({"sorry": "1"}, "no option for: 'sorry'"),
    ({"seconds": "soon"}, "no number of seconds: 'soon'"),
    ({"key": "mail"}, "there twice: 'mail'"),
    ({"key": "e mail"}, "no name of an attribute: 'e mail'"),
    ({"command": "'"}, "command: No closing quotation"),
    ({"command": "/nowhere"}, "No such file"),
])
def test_settings_that_are_wrong(plugged, change, said):
    plugged.configure(**change)
    primary, secondary = pty.openpty()
    result = subprocess.run([SCRIPT, plugged.folder / "connid.conf", "test"], stdout=subprocess.PIPE, stderr=secondary,
                            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, check=False)
    assert (result.returncode, result.stdout) == (65, b"") and said in os.read(primary, 10000).decode()
    os.close(primary)
    os.close(secondary)


def test_an_attribute_that_the_java_program_has(plugged, java_classes):  # noqa: F811
    with JavaDriver("ConnId", java_classes, "1", environment={"LC_ALL": "C.UTF-8", "sn": "x"}) as connector:
        connector.call(*plugged.words("test"))
    assert "variable of its own with the name 'sn'" in plugged.log()


def conf():
    parser = configparser.ConfigParser(delimiters=["="], interpolation=None)
    parser.optionxform = str
    parser.read(FOLDER / "connid.conf")
    return {*parser["single"], *parser["several"]}


def test_the_example_for_syncope():
    connector = json.loads((FOLDER / "syncope-connector.json").read_text())
    resource = json.loads((FOLDER / "syncope-resource.json").read_text())
    for part in connector["conf"]:
        (path,) = part["values"]
        assert path.split(" ")[1:] == ["/etc/ldap2alma-connid.conf", part["schema"]["name"].removesuffix("CmdPath")]
    items = resource["provisions"][0]["mapping"]["items"]
    assert [item["extAttrName"] for item in items if item["connObjectKey"]] == ["__NAME__"]
    assert {item["extAttrName"] for item in items} == conf() - {"__ENABLE__", "schacExpiryDate"} | {"__NAME__"}


def test_the_example_for_midpoint():
    tree = ElementTree.parse(FOLDER / "midpoint-resource.xml")
    paths = {path.tag.split("}")[1]: path.text.split(" ") for path in tree.iter() if path.tag.endswith("CmdPath")}
    assert {name: words[2] for name, words in paths.items()} == {
        f"{name}CmdPath": name for name in ("create", "update", "delete", "search", "test")}
    names = {element.get("name") for element in tree.iter("{http://www.w3.org/2001/XMLSchema}element")} - {None}
    assert names - {"accountEnabled"} == conf() - {"__ENABLE__", "schacExpiryDate"}
    assert {ref.text for ref in tree.iter("{%s}ref" % COMMON)} == {
        "icfs:name", *(f"ri:{name}" for name in names - {"accountEnabled"})}
    assert "<cap:attributeContentRequirement>all<" in (FOLDER / "midpoint-resource.xml").read_text()


@pytest.mark.parametrize("folder", ["connid", "grouper"])
def test_the_example_of_a_feed(folder, tmp_path):
    for name in ("people.yaml", "mapping.yaml"):
        shutil.copy(TOP / "contrib" / folder / name, tmp_path)
    for words in (["-c", "people.yaml", "options"], ["check", "mapping.yaml"]):
        result = subprocess.run([PROGRAM, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    result = subprocess.run([PROGRAM, "-c", "people.yaml", "sheet"], cwd=tmp_path, capture_output=True, text=True,
                            check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("folder", ["connid", "grouper", "lsc"])
def test_a_feed_may_begin_with_the_folder_that_is_there(folder, tmp_path):
    """What tmpfiles.d makes for packages is outside the spool of the example."""
    settings = yaml.safe_load((TOP / "contrib" / folder / "people.yaml").read_text())
    settings.update(delivery={"folder": "/var/spool/ldap2alma/outgoing"},
                    mapping=str(TOP / "contrib/connid/mapping.yaml"))
    assert " /var/spool/ldap2alma/outgoing " in (TOP / "contrib/systemd/ldap2alma.tmpfiles").read_text()
    (tmp_path / "people.yaml").write_text(json.dumps(settings))
    result = subprocess.run([PROGRAM, "-c", "people.yaml", "options"], cwd=tmp_path, capture_output=True, text=True,
                            check=False)
    assert result.returncode == 0, result.stderr


def test_the_places_are_those_of_make_install():
    """Which makes them its own where it installs to somewhere else."""
    for folder in ("connid", "grouper", "lsc", "midpoint"):
        for path in (TOP / "contrib" / folder).iterdir():
            assert not re.search("(?<!local)/(share|bin)/ldap2alma", path.read_text()), path


@pytest.mark.skipif(not shutil.which("visudo"), reason="there is no sudo here")
def test_the_example_for_sudo():
    subprocess.run(["visudo", "-cq", "-f", FOLDER / "sudoers"], check=True)
