#!/bin/bash
# A client, a router and a server that drops TCP 8080 and has a real sshd with keys of its own: `--there ssh:` end to end.
# Run as root by `unshare --net --mount bash ssh-world.sh CLI SCRATCH`; prints the report.
set -e
cli=$1
scratch=$2
mkdir -p /root/.ssh
mount -t tmpfs -o mode=700 tmpfs /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f "$scratch/host"
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub "$scratch/authorized"
chmod 600 "$scratch/authorized"
echo "10.2.0.80 $(cut -d' ' -f1,2 "$scratch/host.pub")" >/root/.ssh/known_hosts
cat >"$scratch/conf" <<C
Port 22
HostKey $scratch/host
AuthorizedKeysFile $scratch/authorized
PermitRootLogin yes
StrictModes no
PidFile $scratch/pid
UsePAM no
C
. "$(dirname "$0")/two-ends.sh"
ip netns exec server /usr/sbin/sshd -f "$scratch/conf"
trap 'kill "$(cat "$scratch/pid")"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do ip netns exec server ss -Hltn 'sport = :22' | grep -q . && break; sleep 0.2; done
ip netns exec client "$cli" --json --there "${3:-ssh:root@10.2.0.80}" --diagnose 10.2.0.80:8080 || [ $? -eq 1 ]
