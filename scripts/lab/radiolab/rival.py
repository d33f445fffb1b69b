"""Scan, connect, write with response, as bleak's documentation shows it; one order a line on standard input.

    {"name": "SH_x", "payload": "…", "tries": 1}  ->  {"ok": true, "found": 0.4, "written": 1.9}

`tries` above 1 is what a careful program would put around it: again after a pause of a second."""
import asyncio
import json
import sys
import time

from bleak import BleakClient, BleakScanner

from .esp32 import CHARACTERISTIC, SERVICE


async def once(device, payload):
    async with BleakClient(device, timeout=15) as client:
        await client.write_gatt_char(CHARACTERISTIC, payload, response=True)
        return time.monotonic()


async def provision(name, payload, tries):
    begun = time.monotonic()
    device = await BleakScanner.find_device_by_filter(
        lambda device, advertisement: device.name == name and SERVICE in advertisement.service_uuids, timeout=30)
    if device is None:
        return {"ok": False, "error": "not found"}
    found, error = time.monotonic(), None
    for number in range(tries):
        if number:
            await asyncio.sleep(1)
        try:
            async with asyncio.timeout(60):     # A write may stay unanswered for ever.
                written = await once(device, payload.encode())
            return {"ok": True, "found": found - begun, "written": written - found}
        except Exception as fault:
            error = f"{type(fault).__name__}: {fault}"
    return {"ok": False, "found": found - begun, "error": error}


async def main():
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await provision(**json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
