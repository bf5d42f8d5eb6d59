"""What is so wherever ldap2alma was installed by a package."""

PEOPLE = """\
dn: uid=aruiz,ou=people,dc=example,dc=edu
objectClass: inetOrgPerson
uid: aruiz
cn: Ana Ruiz
sn: Ruiz
givenName: Ana
mail: aruiz@example.edu
eduPersonPrincipalName: aruiz@example.edu
eduPersonPrimaryAffiliation: student
schacExpiryDate: 20990930215959Z

"""
FEED = """\
name: people
directory: { ldif: /etc/ldap2alma/people.ldif }
alma: { record_type: PUBLIC }
mapping: mapping.yaml
delivery: { folder: /var/spool/ldap2alma/outgoing }
spool: /var/spool/ldap2alma/feeds
"""


def as_user(*command):
    return ["runuser", "-u", "ldap2alma", "--", *command]


def has_its_account_and_folders(root):
    assert ":/var/spool/ldap2alma:/usr/sbin/nologin" in root.run("getent", "passwd", "ldap2alma")
    assert root.stat("/etc/ldap2alma") == "drwxr-x--- root ldap2alma"
    assert root.stat("/etc/ldap2alma/secrets") == "drwx------ root root"
    assert root.stat("/var/spool/ldap2alma") == "drwx------ ldap2alma ldap2alma"
    # Nobody but its account reads the settings, and they are not its own.
    assert root.stat("/etc/ldap2alma/ldap2alma.yaml") == "-rw-r--r-- root root"
    root.run(*as_user("test", "-r", "/etc/ldap2alma/ldap2alma.yaml"))
    root.run("runuser", "-u", "nobody", "--", "test", "-r", "/etc/ldap2alma/ldap2alma.yaml", status=1)


def runs_nothing_by_itself(root):
    links = root.call("find", "/etc/systemd/system", "/var/lib/systemd", "-name", "*ldap2alma*").stdout
    assert links == ""


def has_settings_to_begin_with(root):
    """All is well with them but what only the place knows: the password."""
    program = as_user("ldap2alma", "-c", "/etc/ldap2alma/ldap2alma.yaml")
    assert " passed" in root.run(*program, "test")
    assert "ldap.secret" in root.run(*program, "run", "--dry-run", status=78)


def delivers(root, sent):
    """A first feed, by its account."""
    root.write("/etc/ldap2alma/people.yaml", FEED)
    root.write("/etc/ldap2alma/people.ldif", PEOPLE)
    root.run(*as_user("ldap2alma", "-c", "/etc/ldap2alma/people.yaml", "run", "--changed"))
    assert len(root.run("ls", "/var/spool/ldap2alma/outgoing").split()) == sent
    assert "1  delivered to Alma" in root.run(*as_user("ldap2alma", "-c", "/etc/ldap2alma/people.yaml", "status", "--offline"))


def builds_programs(root):
    flags = root.run("pkg-config", "--cflags", "--libs", "ldap2alma").split()
    root.run("cc", "-Wall", "-Werror", "-o", "/tmp/first", "/usr/share/ldap2alma/examples/walk_fields.c", *flags)
    assert "primary_id" in root.run("/tmp/first")


def completes(root, zsh_folder):
    """Each shell finds its completion by itself, where the package put it."""
    for path in ["/usr/share/bash-completion/completions/ldap2alma.bash",
                 "/usr/share/bash-completion/completions/check_ldap2alma.bash",
                 "/usr/share/fish/vendor_completions.d/ldap2alma.fish",
                 "/usr/share/fish/vendor_completions.d/check_ldap2alma.fish", f"{zsh_folder}/_ldap2alma"]:
        root.run("test", "-s", path)
