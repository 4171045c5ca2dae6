#!/bin/bash
# Records the `--linux--` fixtures of this directory: needs root and iproute2, nftables, python3, ping, traceroute,
# tracepath, mtr, tcptraceroute, busybox. Four namespaces, client - r1 - r2 - server (port 8080 listens), one fault at a time.
# Usage: record-fixtures.sh OUTPUT-DIRECTORY. Compare before copying: times and ephemeral ports differ on each run.
set -u
out=${1:?directory to write to}
mkdir -p "$out"
export LC_ALL=C TZ=UTC LANGUAGE=
C=fixc R1=fixr1 R2=fixr2 S=fixs
v4=10.0.2.2 v6=fd00:2::2
server=

down() {
  [ -n "$server" ] && kill "$server" 2>/dev/null
  for n in $C $R1 $R2 $S; do ip netns del $n 2>/dev/null; done
}
link() { # namespace device v4 v6
  ip -n "$1" addr add "$3" dev "$2"
  ip -n "$1" addr add "$4" dev "$2" nodad
  ip -n "$1" link set "$2" up
}
up() {
  down
  for n in $C $R1 $R2 $S; do
    ip netns add $n
    ip -n $n link set lo up
    ip netns exec $n sysctl -qw net.ipv4.ping_group_range='0 2147483647' net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
  done
  for n in $R1 $R2; do ip netns exec $n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
  ip -n $C link add eth0 type veth peer name eth0 netns $R1
  ip -n $R1 link add eth1 type veth peer name eth0 netns $R2
  ip -n $R2 link add eth1 type veth peer name eth0 netns $S
  link $C eth0 10.0.1.2/24 fd00:1::2/64
  link $R1 eth0 10.0.1.1/24 fd00:1::1/64
  link $R1 eth1 10.0.12.1/24 fd00:12::1/64
  link $R2 eth0 10.0.12.2/24 fd00:12::2/64
  link $R2 eth1 10.0.2.1/24 fd00:2::1/64
  link $S eth0 10.0.2.2/24 fd00:2::2/64
  ip -n $C route add default via 10.0.1.1
  ip -n $C -6 route add default via fd00:1::1
  ip -n $S route add default via 10.0.2.1
  ip -n $S -6 route add default via fd00:2::1
  ip -n $R1 route add 10.0.2.0/24 via 10.0.12.2
  ip -n $R1 -6 route add fd00:2::/64 via fd00:12::2
  ip -n $R2 route add 10.0.1.0/24 via 10.0.12.1
  ip -n $R2 -6 route add fd00:1::/64 via fd00:12::1
  ip netns exec $S python3 -m http.server 8080 --bind :: >/dev/null 2>&1 &
  server=$!
  sleep 0.7
}
filter() { # namespace hook rule...
  local n=$1 hook=$2
  shift 2
  ip netns exec "$n" nft add table inet f
  ip netns exec "$n" nft add chain inet f c "{ type filter hook $hook priority -10; }"
  ip netns exec "$n" nft add rule inet f c "$@"
}
user() { timeout 25 ip netns exec $C setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
root() { timeout 25 ip netns exec $C "$@"; }
keep() { # name command...
  local name=$1
  shift
  "$@" >"$out/$name.txt" 2>&1
}
# story, address, tools...
tell() {
  local story=$1 address=$2 tool family=-4
  shift 2
  case $address in *:*) family=-6 ;; esac
  for tool in "$@"; do
    case $tool in
      ping) keep "ping--linux--$story" user ping -n $family -c 3 -i 0.2 -W 3 "$address" ;;
      ping-busybox) keep "ping--busybox--$story" root busybox ping -c 2 -W 1 "$address" ;;
      tcp) keep "traceroute--linux--syn-$story" root traceroute $family -T -O info -p 8080 -n -q 1 -w 1 -N 8 -m 12 "$address" ;;
      udp) keep "traceroute--linux--udp-$story" user traceroute $family -n -q 1 -w 1 -N 8 -m 12 "$address" ;;
      icmp) keep "traceroute--linux--icmp-$story" root traceroute $family -I -n -q 1 -w 1 -N 8 -m 12 "$address" ;;
      busybox) keep "traceroute--busybox--udp-$story" root busybox traceroute -n -q 1 -w 1 -m 6 "$address" ;;
      mtr) keep "mtr--linux--tcp-$story" user mtr $family --tcp --json -n -c 1 -P 8080 -G 1 -Z 1 -m 12 "$address" ;;
      tcptraceroute) keep "tcptraceroute--linux--$story" user tcptraceroute -n -q 1 -w 1 -m 8 "$address" 8080 ;;
      tracepath) keep "tracepath--linux--$story" user tracepath $family -n -m 4 "$address" ;;
    esac
  done
}
trap down EXIT
all='ping ping-busybox tcp udp icmp busybox mtr tcptraceroute tracepath'

up
tell reaches-hop-3 $v4 $all
tell reaches-hop-3-ipv6 $v6 ping ping-busybox tcp udp icmp busybox mtr tcptraceroute tracepath
keep ip-route--linux--via-gateway root ip -j route get $v4
keep ip-route--linux--via-gateway-ipv6 root ip -j route get $v6
keep ip-route--linux--on-link root ip -j route get 10.0.1.1
keep ip-route--linux--on-link-ipv6 root ip -j route get fd00:1::1
keep ip-route--linux--own-address root ip -j route get 10.0.1.2
keep ip-route--linux--own-address-ipv6 root ip -j route get fd00:1::2
keep ip-neigh--linux--reachable root ip -j neigh show to 10.0.1.1
keep ip-neigh--linux--reachable-ipv6 root ip -j neigh show to fd00:1::1
keep ip-addr--linux--two-families root ip -j addr show
keep proc-net-route--linux--default-and-network root cat /proc/net/route
keep proc-net-ipv6-route--linux--default-and-network root cat /proc/net/ipv6_route
keep proc-net-arp--linux--gateway-reachable root cat /proc/net/arp
root ping -c1 -W1 10.0.1.99 >/dev/null 2>&1
keep ip-neigh--linux--incomplete root ip -j neigh show to 10.0.1.99
root ping -c1 -W4 10.0.1.99 >/dev/null 2>&1
keep ip-neigh--linux--failed root ip -j neigh show to 10.0.1.99
keep proc-net-arp--linux--neighbour-failed root cat /proc/net/arp
for kind in blackhole unreachable prohibit; do
  ip -n $C route add $kind 10.0.2.0/24
  ip -n $C -6 route add $kind fd00:2::/64
  keep ip-route--linux--$kind root ip -j route get $v4
  keep ip-route--linux--$kind-ipv6 root ip -j route get $v6
  keep ip-route-show--linux--$kind root ip -j route show match $v4
  keep ip-route-show--linux--$kind-ipv6 root ip -j -6 route show match $v6
  keep proc-net-route--linux--$kind root cat /proc/net/route
  keep proc-net-ipv6-route--linux--$kind root cat /proc/net/ipv6_route
  tell local-route-$kind $v4 ping
  tell local-route-$kind-ipv6 $v6 ping
  ip -n $C route del $kind 10.0.2.0/24
  ip -n $C -6 route del $kind fd00:2::/64
done

up
filter $R2 forward tcp dport 8080 drop
tell stops-at-hop-2 $v4 tcp mtr tcptraceroute
tell stops-at-hop-2-ipv6 $v6 tcp mtr

up
filter $R2 forward 'iifname "eth0" reject with icmpx admin-prohibited'
tell admin-prohibited-by-hop-2 $v4 $all
tell admin-prohibited-by-hop-2-ipv6 $v6 $all

up
filter $R2 forward 'iifname "eth0" reject with icmpx port-unreachable'
tell port-unreachable-by-hop-2 $v4 $all

up
filter $S input 'iifname "eth0" tcp dport 8080 reject with icmpx port-unreachable'
tell port-unreachable-by-target $v4 tcp mtr tcptraceroute
up
filter $S input 'iifname "eth0" meta l4proto { icmp, tcp, udp } reject with icmp host-prohibited'
tell host-prohibited-by-target $v4 $all

up
kill $server
tell closed-at-hop-3 $v4 tcp mtr tcptraceroute

up
ip -n $S link set eth0 down
tell host-off-told-by-hop-2 $v4 ping ping-busybox udp
tell host-off-told-by-hop-2-ipv6 $v6 ping
keep traceroute--linux--udp-host-off-waits-4-s user traceroute -4 -n -q 1 -w 4 -m 6 $v4
keep traceroute--linux--udp-host-off-waits-4-s-ipv6 user traceroute -6 -n -q 1 -w 4 -m 6 $v6

up
ip -n $R1 link set eth0 down
tell gateway-off $v4 ping tcp mtr tcptraceroute tracepath
tell gateway-off-ipv6 $v6 ping
keep ip-neigh--linux--gateway-failed root ip -j neigh show to 10.0.1.1

up
ip -n $R1 route del 10.0.2.0/24
ip -n $R1 -6 route del fd00:2::/64
tell no-route-at-hop-1 $v4 $all
tell no-route-at-hop-1-ipv6 $v6 ping tcp udp busybox mtr tracepath

up
ip -n $R2 route add 10.0.2.2/32 via 10.0.12.1
ip -n $R2 -6 route add fd00:2::2/128 via fd00:12::1
tell loops-between-hop-1-and-2 $v4 $all
tell loops-between-hop-1-and-2-ipv6 $v6 ping tcp mtr

up
filter $C output 'oifname "eth0" drop'
tell dropped-by-own-firewall $v4 $all
tell dropped-by-own-firewall-ipv6 $v6 ping tcp
up
filter $C output 'oifname "eth0" reject'
tell rejected-by-own-firewall $v4 $all

up
ip -n $C route del default
ip -n $C -6 route del default
tell no-default-route $v4 $all
tell no-default-route-ipv6 $v6 ping tcp udp mtr tracepath
keep ip-route--linux--none root ip -j route get $v4
keep ip-route--linux--none-ipv6 root ip -j route get $v6
keep ip-route-show--linux--none root ip -j route show match $v4

up
filter $R1 output icmp type time-exceeded drop
tell hop-1-hides $v4 tcp udp mtr tcptraceroute tracepath
up
ip -n $R1 route add blackhole $v4
tell silent-from-hop-1 $v4 $all

up
tell without-privileges $v4
keep traceroute--linux--syn-without-privileges user traceroute -4 -T -O info -p 8080 -n -q 1 -w 1 -N 8 -m 12 $v4
keep traceroute--busybox--unknown-option root busybox traceroute -n -N 8 $v4
keep traceroute--busybox--without-privileges user busybox traceroute -n $v4
keep ping--busybox--without-privileges user busybox ping -c 1 $v4
ip netns exec $C sysctl -qw net.ipv4.ping_group_range='1 0'
bare=$(mktemp -d)
cp "$(command -v ping)" "$(command -v mtr-packet)" "$(command -v tcptraceroute)" "$bare"
chmod 755 "$bare" "$bare"/*
keep ping--linux--without-privileges user "$bare/ping" -n -c 1 $v4
keep mtr--linux--without-privileges user env MTR_PACKET="$bare/mtr-packet" mtr --tcp --json -n -c 1 -P 8080 $v4
keep tcptraceroute--linux--without-privileges user "$bare/tcptraceroute" -n $v4 8080
rm -r "$bare"
