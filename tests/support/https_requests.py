"""Ask for one path again and again, each time on a new connection, until standard input ends or
nobody listens any more.

https_requests.py ADDRESS AUTHORITY PATH

Prints how many were answered 200, what went wrong otherwise, and how many certificates were seen.
A connection that fails in front of its request counts as wrong, unless the next one is refused: it
then met the moment in which the server ceased to listen.
"""
import http.client
import select
import ssl
import sys

address, authority, path = sys.argv[1:4]
host, port = address.rsplit(":", 1)
context = ssl.create_default_context(cafile=authority)
answered, wrong, certificates = 0, [], set()


def connect():
    connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=context)
    connection.connect()
    return connection


def ask():
    try:
        connection = connect()
    except ConnectionRefusedError:
        raise
    except OSError as problem:
        connect().close()
        return repr(problem)
    try:
        connection.request("GET", path)
        certificates.add(connection.sock.getpeercert()["serialNumber"])
        response = connection.getresponse()
        body = response.read()
        connection.close()
    except (OSError, http.client.HTTPException) as problem:
        return repr(problem)
    return None if response.status == 200 and body else str(response.status)


print("begun", flush=True)
while not select.select([sys.stdin], [], [], 0)[0] or not answered:
    try:
        failure = ask()
    except ConnectionRefusedError:
        break
    if failure is None:
        answered += 1
    else:
        wrong.append(failure)
print(f"answered={answered} wrong={len(wrong)} certificates={len(certificates)} {wrong[:3]}")
