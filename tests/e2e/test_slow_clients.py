"""Clients that are slow, silent or half gone cost nothing to others, and do not stay for ever."""

import os
import socket
import time

import pytest

from conftest import until
from test_bad_input import ECS, SCOPE, post


def connect(server):
    host, port = server.environment["AWS_ENDPOINT_URL"].split("//")[1].split(":")
    return socket.create_connection((host, int(port)), timeout=120)


def head(length, connection="keep-alive"):
    return (f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {SCOPE.format('ecs')}\r\nX-Amz-Date: 20261123T000000Z\r\n"
            f"X-Amz-Target: {ECS}ListClusters\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: {connection}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def answer(peer):
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(65536)
        if not more:
            return data
        data += more
    return data


def server_sockets(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_silent_half_open_and_dripping_clients_hold_nobody_up(server):
    before = server_sockets(server)
    held = [connect(server) for _ in range(300)]
    for peer in held[:100]:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: 127")  # an unfinished head
    for peer in held[100:200]:
        peer.sendall(head(1000) + b'{"a')  # an unfinished body
    for peer in held[200:]:
        peer.shutdown(socket.SHUT_WR)  # half gone
    slowest = 0
    for _ in range(50):
        started = time.monotonic()
        status, text = post(server, b"{}", ECS + "ListClusters")
        slowest = max(slowest, time.monotonic() - started)
        assert status == 200, text
    assert slowest < 5
    # Those that said they are done are let go at once, the rest when they go.
    until("half-gone clients are let go", lambda: server_sockets(server) <= before + 210)
    for peer in held:
        peer.close()
    until("nothing is left of them", lambda: server_sockets(server) <= before + 5)


def test_a_client_that_sends_byte_by_byte_is_served(server):
    peer = connect(server)
    for byte in head(2) + b"{}":
        peer.sendall(bytes([byte]))
    assert answer(peer).startswith(b"HTTP/1.1 200")
    # The same connection goes on; two requests at once are answered in order.
    peer.sendall((head(2) + b"{}") * 2)
    data = b""
    while data.count(b"HTTP/1.1 200") < 2:
        more = peer.recv(65536)
        assert more, data
        data += more
    peer.close()


def test_a_client_that_does_not_read_its_answers_holds_nobody_up(server):
    deaf = connect(server)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.settimeout(1)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 200_000:
            deaf.sendall((head(2) + b"{}") * 100)
            sent += 100
    status, _ = post(server, b"{}", ECS + "ListClusters")
    assert status == 200
    deaf.close()


@pytest.mark.parametrize("request_bytes", [
    b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"\r\n" * 1000,
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n",
    b"POST / HTTP/1.1\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"POST /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
], ids=lambda value: f"{len(value)} bytes")
def test_what_is_not_http_is_answered_or_let_go(server, request_bytes):
    peer = connect(server)
    try:
        peer.sendall(request_bytes)
        peer.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    try:
        data = answer(peer)
    except ConnectionError:
        data = b""
    assert data == b"" or data.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), data[:200]
    peer.close()
    assert post(server, b"{}", ECS + "ListClusters")[0] == 200
