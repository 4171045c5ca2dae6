"""
A device that answers in the place of others: python3 exam-forger.py JSON, IPv4 only. The packets that it answers must be dropped by a rule.
{ "dev": "west", "host": "203.0.113.80", "port": 8080 (absent = everything to the host), "do": "rst" | "icmp" | "tarpit",
  "ttl": 64, "type": 3, "code": 7, "from": "100.64.1.2", "here": true (the host itself, whatever the TTL is) }
rst: a reset from the host's address. icmp: an error from `from`. tarpit: every handshake is completed with a window of 0 that never opens.
Prints `ready`.
"""
import json, socket, struct, sys

rules = json.loads(sys.argv[1])
host = socket.inet_aton(rules["host"])
heard = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
heard.bind((rules["dev"], 0x0800))
mouth = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
print("ready", flush=True)


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def send(protocol, source, to, payload):
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, rules.get("ttl", 64), protocol, 0, source, to
    )
    mouth.sendto(head + payload, (socket.inet_ntoa(to), 0))


def send_tcp(to, ports, seq, ack, flags):
    tcp = struct.pack("!HHIIBBHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 0, 0, 0)
    pseudo = host + to + struct.pack("!BBH", 0, 6, len(tcp))
    send(6, host, to, tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:])


while True:
    packet, origin = heard.recvfrom(65535)
    if origin[2] == socket.PACKET_OUTGOING or packet[16:20] != host:
        continue
    if packet[8] <= 1 and not rules.get("here"):
        continue
    start, client = (packet[0] & 15) * 4, packet[12:16]
    is_tcp = packet[9] == 6
    if "port" in rules and not (is_tcp and struct.unpack_from("!H", packet, start + 2)[0] == rules["port"]):
        continue
    if rules["do"] == "icmp":
        if packet[9] == 1 and packet[start] != 8:
            continue
        error = struct.pack("!BBHI", rules["type"], rules["code"], 0, 0) + packet[: start + 8]
        error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
        send(1, socket.inet_aton(rules["from"]), client, error)
        continue
    if not is_tcp:
        continue
    there, here, seq, ack = struct.unpack_from("!HHII", packet, start)
    flags = packet[start + 13]
    if rules["do"] == "rst" and flags & 0x02:
        send_tcp(client, (here, there), 0, seq + 1, 0x14)
    if rules["do"] == "tarpit" and not flags & 0x04:
        if flags & 0x02:
            send_tcp(client, (here, there), 1000, seq + 1, 0x12)
        elif len(packet) > start + (packet[start + 12] >> 4) * 4 or flags & 0x01:
            send_tcp(client, (here, there), ack, seq, 0x10)
