"""One signed-in client of python-socketio, driven over standard input and output by tests/e2e/python-client.test.ts.

Each line read is a call, {"operation", "input"}, and each line written is {"answer"} to one, or an event, {"event", "payload"}.
"""

import asyncio
import json
import sys

import aiohttp
import socketio


def write(line):
    print(json.dumps(line), flush=True)


async def main(url, token, transports):
    # By default cookies of an address that is no name are not kept.
    session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    client = socketio.AsyncClient(reconnection=False, http_session=session)

    @client.on("*")
    async def any_event(event, payload=None):
        write({"event": event, "payload": payload})

    await client.connect(url, auth={"token": token}, transports=transports.split(","), wait_timeout=20)
    write({"event": "connected", "payload": {"transport": client.transport()}})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        call = json.loads(line)
        write({"answer": await client.call(call["operation"], call["input"], timeout=20)})
    await client.disconnect()
    await session.close()


asyncio.run(main(*sys.argv[1:]))
