"""`read_directory --changes` from Python: what a server said has changed, and who was read for it.

    follower = Follower(ask, server, way, search)    # its first run reads everybody
    ... the directory changes ...
    follower.run()                                   # goes on from the last run's mark
    follower.known                                   # what it knows now: {id: {attribute: values}}
    follower.everybody()                             # and what a plain read finds
"""

import pathlib
import subprocess

from reading import PROGRAM, Answer

LIMIT_SECONDS = 60


def plain_id(attribute, value):
    return value.hex() if attribute == "objectGUID" else value.decode().replace("-", "").lower()


class Changes(Answer):
    def __init__(self, output, status):
        super().__init__(output, status)
        self.named, self.present, self.reason, self.outcome = set(), set(), "", "none"
        self.facts = {}
        for line in output.splitlines():
            word, _, rest = line.partition(" ")
            if word == "named":
                self.named.add(rest)
            elif word == "present":
                self.present.add(rest)
            elif word == "reason":
                self.reason = rest
            elif word == "changes":
                self.outcome, *facts = rest.split(" ")
                self.facts = dict(fact.split("=", 1) for fact in facts)

    def fact(self, name):
        return int(self.facts[name])

    def by_id(self, attribute):
        return {plain_id(attribute, entry[attribute][0]):
                {name: sorted(values) for name, values in entry.items()}
                for entry in self.entries.values()}


class Follower:
    """`login` are the options that reach the server; `mark` is a file's path."""

    def __init__(self, login, way, searches, mark, id_attribute="entryUUID", attributes=("mail",)):
        self.login, self.way, self.searches = list(map(str, login)), way, list(searches)
        self.mark, self.id_attribute = pathlib.Path(mark), id_attribute
        self.attributes = [id_attribute, *attributes]
        self.known = {}

    def options(self):
        searches = [option for search in self.searches for option in ("--search", search)]
        attributes = [option for name in self.attributes for option in ("--attribute", name)]
        return [*self.login, *searches, *attributes, "--page", "100"]

    def program(self, *options):
        done = subprocess.run([PROGRAM, *map(str, [*self.options(), *options])],
                              stdout=subprocess.PIPE, timeout=LIMIT_SECONDS)
        assert done.returncode >= 0, f"killed by signal {-done.returncode}"
        return Changes(done.stdout.decode(), done.returncode)

    def everybody(self):
        answer = self.program()
        assert answer.error == "", answer.output
        return answer.by_id(self.id_attribute)

    def ask(self, *options):
        return self.program("--changes", self.way, "--mark", self.mark, *options)

    def run(self, *options):
        answer = self.ask(*options)
        assert answer.error == "", answer.output
        read = answer.by_id(self.id_attribute)
        if answer.outcome == "read_all":
            self.known = read
            return answer
        assert answer.outcome == "named", answer.output
        assert set(read) <= answer.named, (set(read) - answer.named, answer.named, answer.output)
        for gone in answer.named - set(read):
            self.known.pop(gone, None)
        if answer.fact("exhaustive"):
            self.known = {key: entry for key, entry in self.known.items()
                          if key in answer.named | answer.present}
        self.known.update(read)
        return answer
