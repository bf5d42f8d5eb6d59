"""A private nginx for tests: on free ports of 127.0.0.1, in a folder of its own, with a port for each
certificate.

Nothing of the machine's own configuration is used. The server is asked as https://localhost:PORT/.
Below `root` there are folders with files; `locations` are lines of its configuration.
"""

import pathlib

from machine import free_port, program
from server import Server

TLS_12 = "TLSv1.2 TLSv1.3"


class Nginx(Server):
    """`certificates` is a slapd.Certificates; `names` says which of its certificates are shown."""

    def __init__(self, folder, certificates, names, locations="", protocols=TLS_12):
        self.folder = pathlib.Path(folder)
        self.root = self.folder / "root"
        self.root.mkdir()
        self.ports = {name: free_port() for name in names}
        (self.folder / "temporary").mkdir()
        ways = "".join(f"{way}_temp_path {self.folder}/temporary/{way};\n" for way in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        servers = "".join(f"""
            server {{
                listen 127.0.0.1:{port} ssl http2;
                ssl_certificate {certificates.path(name + ".pem")};
                ssl_certificate_key {certificates.path(name + ".key")};
                ssl_protocols {protocols};
                root {self.root};
                {locations}
            }}""" for name, port in self.ports.items())
        (self.folder / "nginx.conf").write_text(f"""
            daemon off;
            master_process off;
            pid {self.folder}/pid;
            error_log {self.folder}/errors;
            events {{ worker_connections 256; }}
            http {{
                access_log {self.folder}/requests;
                types {{ image/jpeg JPG jpg; image/png PNG png; }}
                {ways}
                {servers}
            }}""")

    def command(self):
        return [program("nginx"), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder),
                "-e", str(self.folder / "errors")]

    def listens_at(self):
        return [("127.0.0.1", port) for port in self.ports.values()]

    def url(self, folder, certificate="photos", host="localhost"):
        return f"https://{host}:{self.ports[certificate]}/{folder}/"

    def put(self, path, content):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def requests(self):
        """The lines of the requests so far, such as "GET /photos/D1.JPG HTTP/1.1"."""
        return [line.split('"')[1] for line in (self.folder / "requests").read_text().splitlines()]
