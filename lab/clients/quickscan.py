#!/usr/bin/python3
"""Connects to many ports at once, as fast scanners written with async sockets do.
usage: quickscan.py HOST FIRST LAST BATCH"""
import asyncio, sys

host, first, last, batch = sys.argv[1], *map(int, sys.argv[2:])


async def look(port):
    try:
        _, w = await asyncio.wait_for(asyncio.open_connection(host, port), 1.5)
        print(port, "open")
        w.close()
    except (OSError, asyncio.TimeoutError):
        pass


async def main():
    for at in range(first, last, batch):
        await asyncio.gather(*(look(p) for p in range(at, min(last, at + batch))))

asyncio.run(main())
