"""A registry on loopback (Debian's docker-registry) with what tests need around it: pushing, logins of both kinds, a slow line."""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import tarfile
import threading
import time
import urllib.parse
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt  # docker-registry takes bcrypt only; Debian 12's Python still has it

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    """`auth` is None, "basic" or "bearer"; user and password are those of `LOGIN`."""

    LOGIN = ("puller", "s3cret: with spaces")

    def __init__(self, folder, auth=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.auth = auth
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.tokens = None
        config = {"version": "0.1", "log": {"level": "info"},
                  "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}},
                  "http": {"addr": self.host}}
        if auth == "basic":
            user, password = self.LOGIN
            hashed = crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))
            (self.folder / "htpasswd").write_text(f"{user}:{hashed}\n")
            config["auth"] = {"htpasswd": {"realm": "test", "path": str(self.folder / "htpasswd")}}
        if auth == "bearer":
            self.tokens = TokenServer(self.folder, self.LOGIN)
            config["auth"] = {"token": {"realm": self.tokens.url, "service": "test-registry", "issuer": "test-issuer",
                                        "rootcertbundle": str(self.folder / "token.crt")}}
        # JSON is YAML.
        (self.folder / "config.yml").write_text(json.dumps(config))
        self.log = open(self.folder / "registry.log", "w")
        self.process = subprocess.Popen(["docker-registry", "serve", str(self.folder / "config.yml")],
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log_text()
                time.sleep(0.02)

    def log_text(self):
        return (self.folder / "registry.log").read_text()

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()
        if self.tokens:
            self.tokens.close()

    def request(self, method, path, body=None, headers=None, repository=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        sent = dict(headers or {})
        if self.auth == "basic":
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(self.LOGIN).encode()).decode()
        if self.auth == "bearer":
            sent["Authorization"] = "Bearer " + self.tokens.token(
                self.LOGIN[0], [{"type": "repository", "name": repository, "actions": ["pull", "push"]}])
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {data[:500]} {self.log_text()[-2000:]}"
        return answer

    def push_blob(self, repository, data):
        start = self.request("POST", f"/v2/{repository}/blobs/uploads/", repository=repository)
        place = urllib.parse.urlsplit(start.getheader("Location"))
        query = (place.query + "&" if place.query else "") + "digest=" + digest_of(data)
        self.request("PUT", f"{place.path}?{query}", data, {"Content-Type": "application/octet-stream"}, repository)

    def push_manifest(self, repository, tag, manifest, media_type=DOCKER_MANIFEST):
        data = json.dumps(manifest).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", data, {"Content-Type": media_type}, repository)
        return digest_of(data), len(data)

    def push(self, archive, repository, tag, change=lambda config: config, more_layers=()):
        """Pushes the first image of an archive as `docker save` writes it; returns the manifest's digest and size."""
        with tarfile.open(archive) as tar:
            entry = json.load(tar.extractfile("manifest.json"))[0]
            config = change(json.load(tar.extractfile(entry["Config"])))
            layers = [tar.extractfile(name).read() for name in entry["Layers"]] + list(more_layers)
            config["rootfs"]["diff_ids"] = [digest_of(layer) for layer in layers]
            config = json.dumps(config).encode()
        for blob in [config, *layers]:
            self.push_blob(repository, blob)
        return self.push_manifest(repository, tag, {
            "schemaVersion": 2, "mediaType": DOCKER_MANIFEST,
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config),
                       "digest": digest_of(config)},
            "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "size": len(layer),
                        "digest": digest_of(layer)} for layer in layers]})

    def push_list(self, repository, tag, manifests):
        """`manifests`: (digest, size, architecture) of what was pushed to the repository before."""
        return self.push_manifest(repository, tag, {
            "schemaVersion": 2, "mediaType": DOCKER_LIST,
            "manifests": [{"mediaType": DOCKER_MANIFEST, "digest": digest, "size": size,
                           "platform": {"architecture": architecture, "os": "linux"}}
                          for digest, size, architecture in manifests]}, DOCKER_LIST)


class TokenServer:
    """Gives the registry's bearer tokens to who knows the login, as registries of the bearer kind do."""

    def __init__(self, folder, login):
        self.key = folder / "token.key"
        certificate = folder / "token.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test-issuer", "-days",
                        "2", "-keyout", str(self.key), "-out", str(certificate)], check=True, capture_output=True)
        self.chain = "".join(line for line in certificate.read_text().splitlines() if "-----" not in line)
        self.login = login
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)), None)

            def do_POST(self):  # the OAuth 2 form of the same
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                outer.answer(self, form, (form.get("username"), form.get("password")))

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()

    def answer(self, request, asked, login):
        if login is None:
            words = request.headers.get("Authorization", "").split()
            login = tuple(base64.b64decode(words[1]).decode().split(":", 1)) if len(words) == 2 else None
        self.asked.append((asked, login))
        access = []
        if login == self.login and asked.get("scope"):
            kind, name, actions = asked["scope"].split(":")
            access = [{"type": kind, "name": name, "actions": actions.split(",")}]
        ok = login in (None, self.login)
        token = self.token("anyone", access)
        body = json.dumps({"token": token, "access_token": token} if ok else {"details": "incorrect username or password"})
        request.send_response(200 if ok else 401)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body.encode())

    def token(self, subject, access):
        def packed(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        now = int(time.time())
        head = packed(json.dumps({"typ": "JWT", "alg": "RS256", "x5c": [self.chain]}).encode())
        claims = packed(json.dumps({"iss": "test-issuer", "sub": subject, "aud": "test-registry", "exp": now + 300,
                                    "nbf": now - 10, "iat": now, "jti": str(time.monotonic_ns()),
                                    "access": access}).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)], check=True,
                                   input=f"{head}.{claims}".encode(), capture_output=True).stdout
        return f"{head}.{claims}.{packed(signature)}"


class SlowLine:
    """A relay in front of a registry: of blobs as many bytes pass as the test's steps allow."""

    def __init__(self, port, piece=256 << 10):
        self.upstream = port
        self.piece = piece
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.allowed = 0
        self.changed = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.upstream))
                threading.Thread(target=self.copy, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self.copy, args=(server, client, True), daemon=True).start()

    def copy(self, source, target, metered):
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(self.piece):
                passed += len(data)
                # Manifests and configurations are small and pass freely.
                if metered and passed > (64 << 10):
                    with self.changed:
                        self.changed.wait_for(lambda: self.allowed >= len(data))
                        self.allowed -= len(data)
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def step(self, pieces=1):
        with self.changed:
            self.allowed += pieces * self.piece
            self.changed.notify_all()

    def close(self):
        self.listener.close()
        self.step(1 << 20)


def missing_programs():
    return [name for name in ("docker-registry", "openssl") if shutil.which(name) is None]
