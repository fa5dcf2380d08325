"""Clients of the gateway that do what tests ask for, with Python's own http.client where it can.

    http_clients.py idle ADDRESS COUNT PID     hold COUNT idle connections; kB that PID grew by
    http_clients.py slow ADDRESS WHAT          send a header or body byte by byte; how it ended
    http_clients.py busy ADDRESS COUNT         requests on kept connections until told to close
    http_clients.py mixed ADDRESS              what a well-behaved client does, all of it

An address is HOST:PORT. Prints one line; exit code 1 when something was not as it should be.
"""

import http.client
import resource
import socket
import sys
import threading
import time


def connect(address):
    host, port = address.rsplit(":", 1)
    client = socket.create_connection((host, int(port)), timeout=20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def idle(address, count, pid):
    count = int(count)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 100:
        print(f"skipped: {hard} descriptors are allowed, {count + 100} are needed")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = rss_kb(pid)
    clients = [connect(address) for _ in range(count)]
    # The last is in; so all before it are.
    ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    for client in clients[:: count // 100] + clients[-1:]:
        client.sendall(ask)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    print(f"grown {rss_kb(pid) - before}", flush=True)
    sys.stdin.read()  # held until the test has looked
    for client in clients[:: count // 100]:
        client.sendall(ask)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def slow(address, what):
    beginning, piece = {
        "header": (b"GET /v1/echo HTTP/1.1\r\nHost: a\r\n", b"X"),
        "body": (b"POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b" "),
        "chunks": (
            b"POST /v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\n \r\n",
        ),
    }[what]
    client = connect(address)
    start = time.monotonic()
    client.sendall(beginning)
    client.settimeout(0.02)
    answer = b""
    while time.monotonic() - start < 20:
        try:
            client.sendall(piece)
            received = client.recv(4096)
        except TimeoutError:
            continue
        except OSError:
            break
        if received == b"":
            break
        answer += received
    took_ms = (time.monotonic() - start) * 1000
    print(f"status {answer[9:12].decode()} after {took_ms:.0f} ms")


class Busy(threading.Thread):
    """Requests on one kept connection, each answer checked, until the server says close."""

    def __init__(self, address):
        super().__init__()
        self.client = http.client.HTTPConnection(address, timeout=20)
        self.answered = 0
        self.problem = None

    def run(self):
        try:
            is_closing = False
            while not is_closing:
                self.client.request("GET", "/v1/echo?len=5000")
                response = self.client.getresponse()
                body = response.read()
                if response.status != 200 or len(body) != 5000:
                    self.problem = f"{response.status}, {len(body)} bytes"
                    return
                self.answered += 1
                is_closing = response.will_close
        except (OSError, http.client.HTTPException) as problem:
            self.problem = repr(problem)


def busy(address, count):
    clients = [Busy(address) for _ in range(int(count))]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    problems = [client.problem for client in clients if client.problem is not None]
    print(f"answered {sum(client.answered for client in clients)} failed {len(problems)}", *problems)
    sys.exit(len(problems) != 0)


def mixed(address):
    client = http.client.HTTPConnection(address, timeout=20)
    first_socket = None
    for method, path, body, headers, status in (
        ("GET", "/v1/echo", None, {}, 200),
        ("HEAD", "/v1/echo", None, {}, 200),
        ("GET", "/v1/nothing", None, {}, 404),
        ("DELETE", "/v1/centers", None, {}, 405),
        ("OPTIONS", "*", None, {}, 404),
        ("TRACE", "/v1/echo", None, {}, 405),
        ("GET", "/v1/echo?len=20", None, {"X-Request-Timeout": "2s"}, 200),
        # Chunked, piece by piece.
        ("POST", "/v1/echo", iter([b"{", b"}"]), {"Transfer-Encoding": "chunked"}, 405),
        ("GET", "/v1/centers", None, {}, 200),
    ):
        client.request(method, path, body, headers, encode_chunked=True)
        response = client.getresponse()
        content = response.read()
        assert response.status == status, (method, path, response.status, content)
        assert (method == "HEAD") == (content == b""), (method, path)
        first_socket = first_socket or client.sock
        assert client.sock is first_socket, ("not kept", method, path)
    print("all kept on one connection")


if __name__ == "__main__":
    {"idle": idle, "slow": slow, "busy": busy, "mixed": mixed}[sys.argv[1]](*sys.argv[2:])
