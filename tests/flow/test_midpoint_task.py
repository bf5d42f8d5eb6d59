"""midPoint's task that runs the program: its form, and its script, which Java understands, too."""

import os
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import PROGRAM, TOP

from feed import Feed
from java_driver import java_classes  # noqa: F401 (a fixture)

TASK = TOP / "contrib/midpoint/deliver.xml"
COMMON = "{http://midpoint.evolveum.com/xml/ns/public/common/common-3}"
SCRIPTING = "{http://midpoint.evolveum.com/xml/ns/public/model/scripting-3}"
WORK = [f"{COMMON}activity", f"{COMMON}work", f"{COMMON}nonIterativeScripting", f"{COMMON}scriptExecutionRequest",
        f"{SCRIPTING}execute", f"{SCRIPTING}script", f"{COMMON}code"]
COMMAND = ["/usr/local/bin/ldap2alma", "-c", "/etc/ldap2alma/people.yaml", "run"]
MAIN = """\
class Log {
    void info(String text) {
        System.out.print(text);
    }
}
class Task {
    public static void main(String[] arguments) throws Exception {
        Log log = new Log();
        %s
    }
}
"""


def code():
    return ElementTree.parse(TASK).findtext("/".join(WORK).join(["./", ""]))


def test_the_form():
    task = ElementTree.parse(TASK).getroot()
    assert task.tag == f"{COMMON}task"
    assert [child.tag.removeprefix(COMMON) for child in task] == [
        "name", "ownerRef", "executionState", "binding", "schedule", "activity"]
    assert len(task.findtext(f"{COMMON}schedule/{COMMON}cronLikePattern").split()) == 6
    assert task.findtext(f"{COMMON}schedule/{COMMON}recurrence") == "recurring"
    assert ", ".join(f'"{word}"' for word in COMMAND) in code()
    # To Groovy it would be a text with a value in it.
    assert "$" not in code()


@pytest.fixture(name="task")
def make_task(tmp_path, java_classes):  # noqa: F811
    """Runs the script for a feed: exit status of Java, standard output, standard error."""
    text = code()
    for old, new in ((COMMAND[0], os.path.abspath(PROGRAM)), (COMMAND[2], str(tmp_path / "ldap2alma.yaml"))):
        assert text.count(f'"{old}"') == 1
        text = text.replace(old, new)
    (tmp_path / "Task.java").write_text(MAIN % text)
    subprocess.run(["javac", "-Xlint:all", "-Werror", "-cp", java_classes, "-d", tmp_path, tmp_path / "Task.java"],
                   check=True, timeout=120)

    def run():
        result = subprocess.run(["java", "-cp", tmp_path, "Task"], capture_output=True, text=True, check=False,
                                timeout=120)
        return result.returncode, result.stdout, result.stderr

    return run


def test_a_run_that_went_well_is_a_success_with_its_words(tmp_path, task):
    feed = Feed(tmp_path)
    status, said, errors = task()
    assert (status, errors) == (0, "") and said.startswith("ldap2alma: ")
    assert {user.findtext("primary_id") for user in feed.users()} == {"aruiz", "bcole"}


def test_whatever_else_fails_the_task(tmp_path, task):
    feed = Feed(tmp_path, brakes="brakes: { min_users: 3 }\n")
    status, said, errors = task()
    assert (status, said) == (1, "") and "ldap2alma ended with 2: " in errors and feed.packages() == []
    feed.write("ldap2alma.yaml", "nonsense: 1\n")
    status, said, errors = task()
    assert (status, said) == (1, "") and "ldap2alma ended with 78: " in errors and "ldap2alma.yaml:1:1" in errors
