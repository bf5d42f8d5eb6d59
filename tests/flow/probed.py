"""probed: what the probes of ldap2alma check said, told apart.

    found = probed(feed)
    found.status, found.stderr, found.lines["delivery.write"], found.failures (their names),
    found.failed["delivery.write"] (text and hint)

A line is its text, or text and hint where there is one; figures that the machine settles are #.
"""

import json
import re

FIGURES = ((re.compile(r"\d+\.\d (GB|MB) are"), r"# \1 are"),
           (re.compile(r"machine says \d{4}-\d\d-\d\d"), "machine says #"))


def without_figures(text):
    for figure, shown in FIGURES:
        text = figure.sub(shown, text)
    return text


class Probed:
    def __init__(self, result):
        self.status = result.returncode
        self.stderr = without_figures(result.stderr)
        self.json = json.loads(result.stdout)
        # Tests may be run by root; test_rights.py is about that.
        self.json["probes"] = [probe for probe in self.json["probes"] if probe["name"] != "account"]
        self.lines = {}
        for probe in self.json["probes"]:
            name, verdict = probe["name"], probe["verdict"]
            text = without_figures(probe["text"])
            self.lines.setdefault(name, []).append(
                (text, probe["hint"]) if probe["hint"] else text)
            assert bool(probe["hint"]) == (verdict != "ok")
            assert bool(probe["code"]) == (verdict == "failure")
        self.failed = {probe["name"]: (without_figures(probe["text"]), probe["hint"])
                       for probe in self.json["probes"] if probe["verdict"] == "failure"}
        self.failures = self._those("failure")
        self.warnings = self._those("warning")

    def _those(self, verdict):
        return [probe["name"] for probe in self.json["probes"] if probe["verdict"] == verdict]

    def all_well(self):
        return (self.status, self.stderr, self.failures, self.warnings) == (0, "", [], [])


def probed(feed, *options, wrapper=()):
    return Probed(feed.run("--format", "json", *options, command="check", wrapper=wrapper))
