"""ECS over one kept connection, without what an SDK costs on top: the bench is about the server."""

import http.client
import json
import socket
import urllib.parse

HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "Authorization": ("AWS4-HMAC-SHA256 Credential=test/20261123/ap-northeast-1/ecs/aws4_request, "
                      "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64),
    "X-Amz-Date": "20261123T000000Z",
}


def target(operation):
    return f"AmazonEC2ContainerServiceV20141113.{operation}"


class LightClient:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def bytes(self, operation, members):
        self.connection.request("POST", "/", json.dumps(members), {**HEADERS, "X-Amz-Target": target(operation)})
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{operation}: {response.status} {body}"
        return body

    def call(self, operation, **members):
        return json.loads(self.bytes(operation, members))
