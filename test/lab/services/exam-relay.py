"""
A link through user space, since the kernel has no netem: python3 exam-relay.py JSON, on a router.
What goes to the server's network leaves by the TUN device `relay`, and comes back into the router after what JSON says:
{ "delayMs": 0, "jitterMs": 0, "drop": [[KIND, N, EVERY]], "seed": 1, "reorder": true }
KIND = syn, data, ack, icmp, any; of the packets of that kind, number N and then every EVERY-th one (0 = only that one) is lost;
with a fourth word "flow" they are counted for each flow (address, ports) by itself. Jitter keeps the order of packets.
The TTL is made good for the second pass through the router.
"""
import fcntl, heapq, json, os, random, select, struct, sys, time

rules = json.loads(sys.argv[1])
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"relay", 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
chance = random.Random(rules.get("seed", 1))
counts = {}


def kinds(packet):
    """The kinds of a packet, and its flow."""
    if packet[0] >> 4 == 4:
        protocol, start, hosts = packet[9], (packet[0] & 15) * 4, packet[12:20]
    else:
        protocol, start, hosts = packet[6], 40, packet[8:40]
    if protocol in (1, 58):
        return {"icmp", "any"}, hosts
    found = {"any"}
    if protocol == 6:
        flags, head = packet[start + 13], (packet[start + 12] >> 4) * 4
        if flags & 0x12 == 0x02:
            found.add("syn")
        elif len(packet) > start + head:
            found.add("data")
        elif flags & 0x10:
            found.add("ack")
    return found, hosts + packet[start : start + 4]


def is_lost(packet):
    found, flow = kinds(packet)
    lost = False
    for index, (kind, number, every, *scope) in enumerate(rules.get("drop", [])):
        if kind not in found:
            continue
        key = (index, flow if scope else None)
        counts[key] = counts.get(key, 0) + 1
        past = counts[key] - number
        if past == 0 or (every and past > 0 and past % every == 0):
            lost = True
    return lost


def one_hop_more(packet):
    packet = bytearray(packet)
    if packet[0] >> 4 == 6:
        packet[7] = min(255, packet[7] + 1)
        return bytes(packet)
    packet[8] = min(255, packet[8] + 1)
    packet[10:12] = b"\0\0"
    total = sum(struct.unpack(f"!{(packet[0] & 15) * 2}H", packet[: (packet[0] & 15) * 4]))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    packet[10:12] = struct.pack("!H", ~total & 0xFFFF)
    return bytes(packet)


waiting = []
number = 0
latest = 0.0
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        os.write(tun, heapq.heappop(waiting)[2])
    left = max(0.0, waiting[0][0] - now) if waiting else None
    if not select.select([tun], [], [], left)[0]:
        continue
    packet = os.read(tun, 65535)
    if is_lost(packet):
        continue
    due = time.monotonic() + (rules.get("delayMs", 0) + chance.random() * rules.get("jitterMs", 0)) / 1000
    if not rules.get("reorder", False):
        latest = due = max(due, latest)
    number += 1
    heapq.heappush(waiting, (due, number, one_hop_more(packet)))
