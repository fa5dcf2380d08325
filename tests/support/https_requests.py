"""Ask for one path again and again, each time on a new connection, until standard input ends.

https_requests.py ADDRESS AUTHORITY PATH

Prints how many were answered 200, what went wrong otherwise, and how many certificates were seen.
"""
import http.client
import select
import ssl
import sys

address, authority, path = sys.argv[1:4]
host, port = address.rsplit(":", 1)
context = ssl.create_default_context(cafile=authority)
answered, wrong, certificates = 0, [], set()
print("begun", flush=True)
while not select.select([sys.stdin], [], [], 0)[0] or not answered:
    try:
        connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=context)
        connection.request("GET", path)
        certificates.add(connection.sock.getpeercert()["serialNumber"])
        response = connection.getresponse()
        body = response.read()
        if response.status == 200 and body:
            answered += 1
        else:
            wrong.append(str(response.status))
        connection.close()
    except (OSError, http.client.HTTPException) as problem:
        wrong.append(repr(problem))
print(f"answered={answered} wrong={len(wrong)} certificates={len(certificates)} {wrong[:3]}")
