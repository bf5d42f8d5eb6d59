"""The library as installed: by pkg-config's flags, from C, C++ and Python; the examples."""

import ctypes
import re
import shutil
import subprocess
import textwrap

import pytest

from conftest import BUILD, TOP
from feed import PEOPLE, Feed
from library import CC, SANITIZED, SAY, TAKE, Installed, constants, load, make_variable

MAP_PERSON = """\
<user>
<record_type>PUBLIC</record_type>
<primary_id>aruiz</primary_id>
<last_name>Ruiz</last_name>
<contact_info>
<emails>
<email preferred="true" segment_type="External"><email_address>ana@example.edu</email_address>\
<email_types><email_type>work</email_type></email_types></email>
</emails>
</contact_info>
</user>
"""
ONE_MORE = "dn: uid=c,dc=example,dc=edu\nuid: c\nsn: C\n"


@pytest.fixture(name="installed", scope="module")
def install(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("root"))


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path)


@pytest.fixture(name="example")
def make_example(installed, tmp_path):
    """Builds an example as it says itself, and runs it in the feed's folder."""
    def run(name, *arguments, status=0):
        source = tmp_path / f"{name}.c"
        source.write_text((TOP / "examples" / source.name).read_text())
        command = re.search(r"^ \*     (cc .*)$", source.read_text(), re.M).group(1)
        installed.compile(command, tmp_path)
        return installed.sh(" ".join([f"./{name}", *arguments]), tmp_path, status)
    return run


def test_first_run(feed, example):
    told, errors = example("first_run", "ldap2alma.yaml")
    assert errors.startswith("no entry has the attribute 'employeeType'") and errors.count("\n") == 1
    assert told.startswith("test: done (a dry run: nothing is delivered)\n")
    assert re.search(r"^ +read +2 ", told, re.M) and re.search(r"^ +new +2 ", told, re.M)
    assert list(feed.packages()) == []


def test_first_run_says_what_is_wrong(feed, example):
    feed.write("ldap2alma.yaml", "name: test\n")
    told, errors = example("first_run", status=78)
    assert told == ""
    assert "ldap2alma.yaml:1:1: 'mapping' is missing\n" in errors
    assert "\nconfiguration: the settings 'ldap2alma.yaml' has " in errors


def test_map_person(example, feed):
    person = "mapping.yaml uid=ARuiz,dc=example,dc=edu uid=ARuiz mail=ana@example.edu"
    assert feed and example("map_person", person, "sn=Ruiz") == (MAP_PERSON, "")
    assert example("map_person", person, status=65) == (
        "reject (required): no value for 'last_name', which the mapping requires\n",
        "no record comes of 'uid=ARuiz,dc=example,dc=edu': no value for 'last_name', which the mapping "
        "requires\n")
    assert example("map_person", person, "sn=Ruiz", "employeeType=guest", "1x=y", status=65) == (
        "", "'1x' is no attribute\nthe mapping's 'select' leaves 'uid=ARuiz,dc=example,dc=edu' out\n")


def test_walk_fields(example):
    told, errors = example("walk_fields")
    assert errors == ""
    assert "primary_id: text, at most 255\n" in told
    assert "\nemails: items\n    emails.preferred: boolean\n" in told
    assert "\n    emails.email_address: text, at most 255, required\n" in told


def test_status(feed, example):
    assert example("status", status=3) == ("not known: 'age' is not known\n", "")
    assert feed.run().returncode == 0
    assert example("status") == ("last success 0 h ago, 0 held\n", "")
    feed.write("people.ldif", PEOPLE.replace("uid: bcole", "uid: aruiz") + "\n" + ONE_MORE)
    assert feed.run().returncode == 0
    assert example("status", status=1) == ("last success 0 h ago, 2 held\n", "")


@pytest.fixture(name="push_feed")
def make_push_feed(feed):
    settings = feed.folder / "ldap2alma.yaml"
    settings.write_text(settings.read_text().replace("ldif: people.ldif", "push: {}"))
    return feed


def test_push_people(push_feed, example):
    told, errors = example("push_people")
    assert errors == ""
    assert told == (
        "aruiz: done \n"
        "bcole: done \n"
        "nobody: data cannot take 'uid=nobody,dc=example,dc=edu': no value for 'last_name', "
        "which the mapping requires\n"
        "dn: uid=aruiz,dc=example,dc=edu\nuid: aruiz\n\n"
        "dn: uid=bcole,dc=example,dc=edu\nuid: bcole\n\n"
        "delivered; 1 refused\n")
    assert {user.findtext("primary_id") for user in push_feed.users()} == {"aruiz", "bcole"}


def test_every_example_is_tested():
    tested = set(re.findall(r'example\("(\w+)"', open(__file__, encoding="utf-8").read()))
    assert tested == {path.stem for path in (TOP / "examples").glob("*.c")}


def test_a_program_in_cplusplus(installed, tmp_path):
    compiler = {"gcc": "g++", "clang": "clang++"}.get(CC, "c++")
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    (tmp_path / "version.cc").write_text(textwrap.dedent("""\
        #include <ldap2alma.h>
        #include <cstdio>

        int main()
        {
            struct l2a *feed = l2a_new();

            std::puts(l2a_table_cell(feed, L2A_TABLE_CHECKS, 0, 0));
            l2a_free(feed);
            return l2a_version()[0] == 0;
        }
        """))
    installed.compile("cc -std=c++11 -Wpedantic -o version version.cc "
                      "$(pkg-config --cflags --libs ldap2alma)", tmp_path, compiler)
    assert installed.sh("./version", tmp_path) == ("settings\n", "")


def make_archive(folder):
    """The library to link with statically, of the objects of which the other one was made."""
    parts = re.findall(r"connector/(\w+)\.la", re.search(
        r"^libldap2alma_la_LIBADD = (.*?[^\\])$", (BUILD / "Makefile").read_text(), re.M | re.S).group(1))
    script = ["create libldap2alma.a", *(f"addlib {BUILD}/connector/.libs/{part}.a" for part in parts),
              *(f"addmod {path}" for path in (BUILD / "connector/run/.libs").glob("*.o")), "save", "end"]
    subprocess.run(["ar", "-M"], input="\n".join(script) + "\n", text=True, cwd=folder, check=True)


def test_linking_statically(installed, tmp_path):
    (tmp_path / "static").mkdir()
    make_archive(tmp_path / "static")
    shutil.copy(TOP / "examples/walk_fields.c", tmp_path)
    installed.compile("cc -o walk_fields walk_fields.c -Lstatic $(pkg-config --static --cflags --libs "
                      "ldap2alma)", tmp_path)
    needed, _ = installed.sh("readelf -d walk_fields", tmp_path)
    assert "libldap2alma" not in needed and "libldap" in needed
    told, _ = installed.sh("unset LD_LIBRARY_PATH; ./walk_fields", tmp_path)
    assert told.startswith("record_type: code")


def test_the_name_of_the_library_is_versioned(installed):
    dynamic, _ = installed.sh("readelf -d libldap2alma.so", installed.folder)
    assert "soname: [libldap2alma.so.0]" in dynamic
    assert make_variable("VERSION") == installed.sh("pkg-config --modversion ldap2alma",
                                                    installed.folder)[0].strip()


# ---- Python ----

@pytest.fixture(name="library", scope="module")
def load_library(installed):
    if SANITIZED:
        pytest.skip("Python cannot load a library with sanitizers")
    return load(installed.folder)


class Handle:
    """One handle, with calls as l2a_NAME(handle, …) and what was said."""

    def __init__(self, library):
        self.library = library
        self.said = []
        self.say = SAY(lambda _, level, text: self.said.append((level, text.decode())))
        self.pointer = library.l2a_new()
        library.l2a_on_message(self.pointer, self.say, None)

    def __getattr__(self, name):
        function = getattr(self.library, f"l2a_{name}")
        return lambda *arguments: function(self.pointer, *(
            argument.encode() if isinstance(argument, str) else argument for argument in arguments))


@pytest.fixture(name="handle")
def make_handle(library):
    handle = Handle(library)
    yield handle
    library.l2a_free(handle.pointer)


def test_all_functions_can_be_declared(library):
    assert library.l2a_version() == make_variable("VERSION").encode()
    assert library.l2a_status_name(constants()["L2A_CONFIGURATION"]) == b"configuration"


def make_entry(library, dn, **attributes):
    entry = library.l2a_entry_new(dn.encode())
    for name, value in attributes.items():
        data = value.encode()
        assert library.l2a_entry_add(entry, name.encode(), data, len(data)) == 0
    return entry


def test_a_walk_in_python(library, handle, push_feed):
    number = constants()
    ana = make_entry(library, "uid=ana,dc=example", uid="ana", sn="Núñez 😀")
    nobody = make_entry(library, "uid=nobody,dc=example", uid="nobody")
    listed = []

    def take(_, ldif, length):
        listed.append(ldif[:length].decode())
        return 0

    assert handle.set("directory.url", "x") == number["L2A_USAGE"]
    assert handle.error_status() == number["L2A_USAGE"]
    assert handle.set("brakes.rejected", "off") == number["L2A_DONE"]
    assert handle.load(str(push_feed.folder / "ldap2alma.yaml")) == number["L2A_DONE"], handle.said
    assert handle.check_part("mapping", 0) == number["L2A_DONE"]
    assert handle.map(ana) == number["L2A_DONE"]
    assert "<last_name>Núñez 😀</last_name>" in handle.map_xml().decode()
    assert handle.put(ana) == number["L2A_DONE"]
    assert handle.put(nobody) == number["L2A_DATA"]
    assert handle.finding(0, 0) == b"required" and handle.finding(1, 0) is None
    assert handle.list("(sn=*)", None, 0, TAKE(take), None) == number["L2A_DONE"]
    assert listed == ["dn: uid=ana,dc=example\nuid: ana\nsn:: TsO6w7FleiDwn5iA\n\n"]
    assert handle.run(0) == number["L2A_DONE"], handle.error_text()
    assert b'"sent": 1' in handle.report("json")
    people = ctypes.c_int64()
    assert handle.status(number["L2A_STATUS_OFFLINE"]) == number["L2A_DONE"]
    assert handle.status_measure("people", ctypes.byref(people)) == number["L2A_DONE"]
    assert people.value == 1
    for entry in (ana, nobody):
        library.l2a_entry_free(entry)
