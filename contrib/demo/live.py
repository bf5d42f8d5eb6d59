#!/usr/bin/python3
"""contrib/demo/live.py [BUILD]: the main job on a made-up university of 1,000 people, from a private
slapd by StartTLS to a private sshd by SFTP, both on loopback; they are stopped at the end, whatever
happens. `./bootstrap demo --live` installs and builds what it needs.
"""
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/live"))

from slapd import Certificates, Slapd  # noqa: E402
from sshd import Keys, Sshd  # noqa: E402

PASSWORD = "connector-password"  # which tests/support/people gives cn=connector


def make_slapd(folder, build):
    slapd = Slapd(
        folder / "slapd", Certificates(folder / "certificates"),
        options=f"include {TOP}/tests/support/slapd/university.schema\nmoduleload memberof\n",
        limits="overlay memberof\nlimits * size=500 size.pr=unlimited size.prtotal=unlimited\n")
    people = subprocess.run([build / "tests/support/people", "-n", "1000", "--defects"], check=True,
                            stdout=subprocess.PIPE, text=True)
    slapd.load(people.stdout)
    return slapd


def make_sshd(folder):
    for name in ("keys", "sshd"):
        (folder / name).mkdir()
    return Sshd(folder / "sshd", Keys(folder / "keys"))


def write_settings(folder, slapd, sshd):
    settings = (TOP / "contrib/demo/live.yaml").read_text()
    for sign, value in (("@LDAP_URI@", slapd.ldap_uri), ("@SFTP_PORT@", sshd.port),
                        ("@SFTP_USER@", sshd.user), ("@SFTP_DIRECTORY@", sshd.home)):
        settings = settings.replace(sign, str(value))
    (folder / "ldap2alma.yaml").write_text(settings)
    shutil.copy(TOP / "mappings/openldap-eduperson.yaml", folder)
    (folder / "spool").mkdir()
    secret = folder / "ldap.secret"
    secret.touch(0o600)
    secret.write_text(PASSWORD + "\n")


def run(folder, build, sshd):
    command = [build / "ldap2alma", "-v", "-c", folder / "ldap2alma.yaml", "run", "--report",
               folder / "report.json"]
    print("\n$", *command, flush=True)
    subprocess.run(command, check=True)
    subprocess.run([TOP / "contrib/demo/show", folder, sshd.home], check=True)


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build").absolute()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ldap2alma-demo."))
    servers = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("demo: stopped"))
    try:
        servers = [make_slapd(folder, build), make_sshd(folder)]
        for server in servers:
            server.start()
        slapd, sshd = servers
        print(f"demo: slapd answers at {slapd.ldap_uri}, sshd at 127.0.0.1:{sshd.port}")
        write_settings(folder, slapd, sshd)
        run(folder, build, sshd)
    except (subprocess.CalledProcessError, KeyboardInterrupt) as failure:
        sys.exit(f"demo: {failure or 'stopped'}; what there is of it: {folder}")
    finally:
        for server in servers:
            server.stop()
        print("demo: the servers are stopped", file=sys.stderr)


main()
