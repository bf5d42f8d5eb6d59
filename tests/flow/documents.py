"""documents: settings and mappings made at random out of the program's tables."""

import itertools

import re

from schemas import table, validator

WORDS = ["x", "no", "010", "1.5", "true", "2026-09-01", "Núñez & Co", "cn=a,dc=b", "- #: {"]
TEXTS = {
    "name": ["people", "2026", "no", "a.b-C_9"],
    "directory.uri": ["ldaps://ldap.example.edu", "LDAPS://[2001:db8::1]:636/", "ldapi://%2Frun%2Fldapi"],
    "directory.srv": ["example.edu", "_x.a-b", "007"],
    "directory.site": ["Default-First-Site-Name", "no", "1"],
    "directory.searches[].filter": ["(uid=*)", "(&(a=b)(!(c=\\29)))"],
    "directory.groups.filter": ["(cn=*)"],
    "directory.groups.member": ["member", "2.5.4.31"],
    "delivery.sftp.host": ["sftp.example.edu", "192.0.2.7", "2001:db8::1%eth0"],
    "delivery.sftp.user": ["alma", "007", "yes"],
    "spool": ["/var/spool/alma"],
    "delivery.sftp.fingerprint": ["SHA256:" + "a+/9" * 10 + "xyz"],
    "credential": ["ldap.secret", "007"],
    "env": ["_PASSWORD", "no"],
}
UNITS = {
    "number": {"": 1},
    "duration": {"s": 1, "m": 60, "h": 3600, "d": 86400},
    "size": {"": 1, "B": 1, "kb": 1000, "KB": 1000, "MB": 10 ** 6, "GB": 10 ** 9, "KiB": 1024, "mib": 2 ** 20,
             "GiB": 2 ** 30},
}


def limits(takes):
    """What "duration, 1s to 5m" allows: least, most, and the units of its kind."""
    kind, _, limit = takes.partition(", ")
    units = UNITS[kind]
    least, most = (int(number) * units[unit] for number, unit in re.findall(r"(\d+)(\w*)", limit))
    return least, most, units


class Settings:
    """Settings with about a third of all options."""

    def __init__(self, random):
        self.random = random
        self.options = {path: (takes, default) for path, takes, default, _ in table("options")}

    def text(self, path):
        return self.random.choice(TEXTS.get(path, WORDS))

    def number(self, takes):
        """Between the limits, in any unit in which there is such a number."""
        least, most, units = limits(takes)
        unit = self.random.choice([unit for unit in units if units[unit] <= most])
        first, last = -(-least // units[unit]), most // units[unit]
        number = self.random.choice([first, last, self.random.randint(first, last)])
        return "0" * (2 if unit and self.random.random() < 0.3 else 0) + f"{number}{unit}"

    def value(self, path):
        takes = self.options[path][0]
        kind, _, rest = takes.partition(" of ")
        choices = rest.split(", ")
        if takes.partition(",")[0] in UNITS:
            return self.number(takes)
        if kind == "one":
            return self.random.choice(choices)
        if takes == "true or false":
            return self.random.choice(["true", "false"])
        if kind == "secret from one":
            place = self.random.choice(choices)
            return {place: self.text(place)}
        if kind == "text or list" and self.random.random() < 0.5:
            return [self.text(path) for _ in range(self.random.randint(1, 3))]
        if kind == "text or map" and self.random.random() < 0.5:
            return {mode: self.text(path) for mode in self.random.sample(choices, self.random.randint(1, 2))}
        if takes == "list of maps":
            return [self.below(path + "[].") for _ in range(self.random.randint(1, 3))]
        return self.text(path)

    def below(self, prefix, needed=(), without=()):
        """A map with what stands directly below the prefix."""
        found = {}
        for path, (_, default) in self.options.items():
            key = path.removeprefix(prefix)
            if not path.startswith(prefix) or "." in key or "[" in key or key in without:
                continue
            if key in needed or default == "required" or self.random.random() < 0.3:
                found[key] = self.value(path)
        return found

    def bind(self, has_host):
        ways = [([], ["anonymous"]), (["dn", "password"], [None, "simple"]),
                (["keytab", "principal"], ["gssapi"]), (["ticket_cache"], ["gssapi"])]
        needed, methods = self.random.choice(ways if has_host else ways[:2])
        keys = ["method", "dn", "password", "keytab", "principal", "ticket_cache"]
        method = self.random.choice(methods)
        return {**self.below("directory.bind.", needed, [key for key in keys if key not in needed]),
                **({"method": method} if method else {})}

    def sftp(self):
        known = self.random.choice(["known_hosts", "fingerprint"])
        login = self.random.choice(["key", "password"])
        without = ["transport"] + (["passphrase"] if login != "key" else [])
        return self.below("delivery.sftp.", [known, login], without)

    def make(self):
        settings = self.below("")
        if self.random.random() < 0.3:
            settings["directory"] = {"ldif": self.value("directory.ldif")}
        else:
            servers, without = self.random.choice([("uri", ["srv", "site"]), ("srv", ["uri"])])
            directory = self.below("directory.", [servers, "searches"], ["ldif", *without])
            socket_file = "ldapi" in str(directory.get("uri"))
            settings["directory"] = {**directory, "bind": self.bind(not socket_file)}
            if self.random.random() < 0.3:
                settings["directory"]["tls"] = self.below(
                    "directory.tls.", ["mode"], ["mode", "cert_file", "key_file"]) or {"mode": "auto"}
        settings["delivery"] = {"folder": self.value("delivery.folder")} if self.random.random() < 0.5 \
            else {"sftp": self.sftp()}
        for block in ("alma", "package", "delivery.retry"):
            values = self.below(block + ".")
            if values and "." in block:
                settings["delivery"]["retry"] = values
            elif values:
                settings[block] = values
        return settings


class Mapping:
    """A mapping that fills about a third of all fields."""

    FILTERS = ["(sn=*)", " ( & (a=b) (!(c>=5)) ) ", "(memberOf=cn=a,dc=b)", "(|)"]

    def __init__(self, random):
        self.random = random
        self.fields = {row[0]: row[1] for row in table("fields")}
        self.templates = [row[2] for row in table("transforms")] + [
            "${dn}", "${cn}, ${define.name} $$5", "${ou | prefix '}' | suffix '''${'}", *WORDS]

    def template(self):
        return self.random.choice(self.templates)

    def source(self):
        return "${dn}"

    def value(self, template, kind=None):
        if kind in ("date", "boolean"):  # a text alone would have to be one
            template = self.source
        if self.random.random() < 0.6:
            return template()
        return [template() if self.random.random() < 0.6 else
                {"when": self.random.choice(self.FILTERS), "value": template()}
                for _ in range(self.random.randint(1, 3))]

    def item(self, name):
        required = validator("mapping").schema["properties"]["user"]["properties"][name]["items"]["required"]
        item = {}
        template = self.template
        if self.random.random() < 0.4:
            item["each"] = self.template()
            template = self.random.choice([self.template, lambda: "${each | upper}"])
        if self.random.random() < 0.3:
            item["when"] = self.random.choice(self.FILTERS)
        for path in self.fields:
            list_name, _, field = path.partition(".")
            if list_name == name and field and (field in required or self.random.random() < 0.3):
                item[field] = self.value(template, self.fields[path])
        return item

    def user(self):
        user = {"primary_id": "${uid}"}
        for name, kind in self.fields.items():
            if "." in name or name in user or self.random.random() > 0.3:
                continue
            if kind == "items":
                user[name] = [self.item(name) for _ in range(self.random.randint(1, 2))]
            else:
                user[name] = self.value(self.template, kind)
        return user

    def tables(self):
        tables = {"groups": {"staff": "STAFF", "no": "1", "": "x", "a b": "~"}}
        if self.random.random() < 0.5:
            tables["01"] = {key: {"a": self.random.choice(WORDS), "1": "b"} for key in ("x", "2026", "cn=a,dc=b")}
        return tables

    def codes(self):
        """For fields of the mapping or others, as a list, or with what becomes of other codes."""
        coded = [path for path, kind in self.fields.items() if kind in ("text", "code", "codes")]
        codes = {}
        for path in self.random.sample(coded, 3):
            values = self.random.sample(WORDS, self.random.randint(1, 3))
            otherwise = self.random.choice([{}, {"otherwise": "warn"}, {"otherwise": {"replace": values[0]}}])
            codes[path] = values if self.random.random() < 0.5 else {"values": values, **otherwise}
        return codes

    def require(self, user):
        filled = list(user) + [f"{name}.{field}" for name, items in user.items() if isinstance(items, list)
                               for item in items if isinstance(item, dict) and self.fields.get(name) == "items"
                               for field in item if field not in ("each", "when")]
        return self.random.sample(filled, self.random.randint(0, len(filled) // 2))

    def make(self):
        user = self.user()
        mapping = {"mapping": "1", "match_id": "primary_id", "tables": self.tables(),
                   "define": {"name": self.value(lambda: "${cn}")}, "user": user}
        if self.random.random() < 0.5:
            mapping["name"] = self.random.choice(WORDS)
        if self.random.random() < 0.5:
            mapping["select"] = self.random.choice(self.FILTERS)
        if self.random.random() < 0.5:
            mapping["codes"] = self.codes()
        if self.random.random() < 0.5:
            mapping["require"] = self.require(user)
        return mapping


class Cases:
    """Tests of mappings/openldap-eduperson.yaml, which need not pass."""

    TYPES = {"emails": "school", "phones": "mobile", "addresses": "home", "user_identifiers": "'NET_ID'"}
    VALUES = {"date": ["2026-09-01", "2026-09-01Z"], "boolean": ["true", "FALSE"],
              "date-time": ["2026-09-01", "2026-09-01T10:00:00Z"]}

    def __init__(self, random):
        self.random = random
        self.fields = {row[0]: row[1] for row in table("fields")}
        self.findings = {row[0]: row[1] for row in table("findings")}

    def path(self):
        """A field, or a field of an item, and its kind."""
        name = self.random.choice(list(self.fields))
        field, _, part = name.partition(".")
        if not part:
            return name, self.fields[name]
        chosen = self.random.choice([self.TYPES.get(field, "1"), "2", self.TYPES.get(field, "x") + "][2"]
                                    if field in self.TYPES else ["1", "12"])
        return f"{field}[{chosen}].{part}", self.fields[name]

    def expect(self):
        expect = {"emails.count": self.random.choice(["0", "3"]), "phones[1]": "x"}
        for path, kind in (self.path() for _ in range(6)):
            value = self.random.choice(self.VALUES.get(kind, WORDS))
            if kind != "items":
                expect[path] = [value] if kind == "codes" and self.random.random() < 0.5 else value
        return expect

    def finding(self, severities):
        codes = [code for code, severity in self.findings.items() if severity in severities]
        return self.random.choice(codes) + self.random.choice(["", " " + self.random.choice(list(self.fields)),
                                                               " emails.each"])

    def outcome(self):
        kind = self.random.choice(["record", "record", "rejected", "skipped", "findings"])
        if kind == "rejected":
            return {"rejected": self.finding(["reject"])}
        if kind == "skipped":
            return {"skipped": "true"}
        if kind == "findings":
            return {"finding": self.random.choice(["none", self.finding(self.findings.values()),
                                                   [self.finding(self.findings.values())]])}
        absent = sorted({self.path()[0] for _ in range(3)})
        return {"expect": self.expect(), "absent": self.random.choice([absent, absent[0]]),
                "xml": self.random.choice(["<user/>", {"file": "user.xml"}])}

    def case(self, number):
        dn = "uid=a,dc=example"
        entry = self.random.choice([{"entry": f"dn: {dn}\nuid: a\n"}, {"ldif": "people.ldif"},
                                    {"ldif": "people.ldif", "dn": dn}])
        return {"name": f"{number} {self.random.choice(WORDS)}", **entry, **self.outcome()}

    def make(self):
        cases = {"mapping": "openldap-eduperson.yaml", "today": "2026-09-01"}
        if self.random.random() < 0.5:
            cases["now"] = "2026-09-01T03:00:00Z"
        if self.random.random() < 0.5:
            cases["record_type"] = "STAFF"
        cases["cases"] = [self.case(number) for number in range(self.random.randint(1, 4))]
        return cases
