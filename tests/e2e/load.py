"""A load generator that is bounded in rate: a connection for each request, each answer read to its end, failures kept
with the time at which they began."""

import socket
import threading
import time


def request(address, port, path="/", timeout=10):
    """One request on a connection of its own; the body, or an exception."""
    with socket.create_connection((address, port), timeout=timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while True:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    head, separator, body = answer.partition(b"\r\n\r\n")
    status = head.split(b"\r\n")[0].split()
    assert separator and len(status) > 1, f"no answer: {answer[:80]!r}"
    assert status[1] == b"200", f"status {status[1]!r}"
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            assert len(body) == int(value), f"{len(body)} of {int(value)} bytes"
    return body.decode().strip()


class Load:
    """with Load(address, port) as load: …; then load.failures and load.bodies."""

    def __init__(self, address, port, threads=4, pause=0.01):
        self.target = (address, port)
        self.pause = pause
        self.failures = []  # (monotonic time, what)
        self.bodies = {}
        self.total = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self):
        while not self._over.wait(self.pause):
            begin = time.monotonic()
            try:
                body = request(*self.target)
            except (OSError, AssertionError) as failure:
                with self._lock:
                    self.total += 1
                    self.failures.append((begin, repr(failure)))
                continue
            with self._lock:
                self.total += 1
                self.bodies[body] = self.bodies.get(body, 0) + 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)


def nothing_failed(*loads):
    for load in loads:
        assert not load.failures, (len(load.failures), load.total, load.failures[:5])


def share(address, port, word, requests=2400, threads=4):
    """Percent of so many new requests that were answered with this word; none may fail, and all say blue or green."""
    bodies, failures = [], []

    def ask():
        for _ in range(requests // threads):
            try:
                bodies.append(request(address, port))
            except (OSError, AssertionError) as failure:
                failures.append(repr(failure))
    workers = [threading.Thread(target=ask) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures, failures[:5]
    assert len(bodies) == requests and set(bodies) <= {"blue", "green"}
    return 100 * bodies.count(word) / requests
