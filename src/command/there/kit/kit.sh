#!/bin/sh
# reachdoctor: the other end's half of one case. Somebody cannot reach TCP @PORT@ of this machine; while they knock, this
# script looks whether their packets arrive and what becomes of them. It only reads: it installs nothing, sends nothing,
# changes no rule, and writes nothing outside a temporary directory of its own, which is gone when it ends.
#   sh kit.sh [--for SECONDS] [--plan] [--trace-rules]
# --plan prints every command and why, and runs none. --trace-rules (root) adds an own nftables table that marks the
# knocks for `nft monitor trace`, and removes it at the end; without it no rule is touched.
# As root it sees more: sudo sh kit.sh. What it prints at the end is all that there is to send back; read it first.

CASE='@CASE@'
TARGET='@TARGET@'
PORT='@PORT@'
REFERENCE='@REFERENCE@'
CLIENT='@CLIENT@'
SECONDS_TO_WATCH='@SECONDS@'

LC_ALL=C
export LC_ALL
PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"
WORK='' CAPTURE_PID='' TRACE_PID='' GUARD_PID=''
TABLE="reachdoctor_$(printf '%.8s' "$CASE")"
TRACE_RULES='@TRACE@'
MISSING=''

have() { command -v "$1" >/dev/null 2>&1; }
lacks() { MISSING="$MISSING$1
"; }

# Ends everything that was started, whatever ended the script.
clean() {
  trap '' HUP INT TERM
  for pid in $CAPTURE_PID $TRACE_PID $GUARD_PID; do kill "$pid" 2>/dev/null; done
  if [ "$TRACE_RULES" = started ]; then nft delete table inet "$TABLE" </dev/null 2>/dev/null; fi
  if [ -n "$WORK" ]; then rm -rf "$WORK"; fi
}

usage() {
  echo 'usage: sh kit.sh [--for SECONDS] [--plan] [--trace-rules]' >&2
  exit 2
}

plan() {
  cat <<END
What this script runs, each command only where it is installed, and why:
  ss -Hltn / cat /proc/net/tcp /proc/net/tcp6     who listens on TCP $PORT, on which address; the accept queue
  ss -Htn state syn-recv                         connections that were answered and not completed
  ip -o addr                                     whether $TARGET is an address of this machine
  ip route get ${CLIENT:-THE-CLIENT}                     where answers leave
  cat /proc/sys/net/ipv4/conf/*/rp_filter        the reverse-path filter; .../ip_forward: whether it forwards
  cat /proc/net/snmp /proc/net/netstat /proc/net/snmp6   the kernel's counters before and after
as root, still only reading:
  nft -j list ruleset; nft -a list ruleset       the packet filter's rules and which counters grew
  nft --debug=netlink list ruleset               what nft leaves out when it lists them
  iptables-save -c; ip6tables-save -c            the same of iptables, ufw and firewalld included
  cat /proc/sys/net/netfilter/nf_conntrack_count   whether connection tracking is full
  tcpdump (else python3, else perl)              SYN, RST and ICMP errors of TCP $PORT${REFERENCE:+ and $REFERENCE}: 96 octets each, at most 200
END
  if [ "$TRACE_RULES" = yes ]; then
    cat <<END
because of --trace-rules (this is the only change that it makes, and it is undone at the end):
  nft add table inet $TABLE ...                  sets nftrace on the knocks alone (SYN to $PORT, MSS 1200-1263)
  nft monitor trace                              prints the very rule that decides
  nft delete table inet $TABLE                   at the end, and by a guard should the script be killed
END
  fi
}

counters() {
  # Groups of two lines, names and values; snmp6 has a name and a value a line.
  cat /proc/net/snmp /proc/net/netstat 2>/dev/null </dev/null | awk '
    { if (names[$1] == "") { names[$1] = $0 } else { n = split(names[$1], name, " "); split($0, value, " ");
        for (i = 2; i <= n; i++) print substr($1, 1, length($1) - 1) "." name[i], value[i]; names[$1] = "" } }'
  cat /proc/net/snmp6 2>/dev/null </dev/null
}

# Rules with counters: a key and the number of packets a line.
rule_counters() {
  if have nft; then
    nft -a list ruleset </dev/null 2>/dev/null | awk '
      $1 == "table" { table = $2 "," $3 } $1 == "chain" { chain = $2 }
      /counter packets [0-9]+/ && /# handle [0-9]+$/ {
        for (i = 1; i < NF; i++) if ($i == "packets") { packets = $(i + 1); break }
        print "nft," table "," chain "," $NF, packets }'
  fi
  for tool in iptables ip6tables; do
    have "$tool-save" || continue
    "$tool-save" -c </dev/null 2>/dev/null | awk -v tool="$tool" '
      substr($0, 1, 1) == "*" { table = substr($0, 2) }
      substr($0, 1, 1) == ":" { split($3, n, /[\[:]/); print tool "," table "," substr($1, 2) ",0", n[2] }
      substr($0, 1, 1) == "[" { split($1, n, /[\[:]/); line[table $3]++; print tool "," table "," $3 "," line[table $3], n[2] }'
  done
}

# Rules that reset: nft lists them without the family that they may be for, and prints it here.
reset_families() {
  nft --debug=netlink list ruleset </dev/null 2>/dev/null | awk '
    /^(inet|netdev) [^ ]+ [^ ]+ [0-9]+/ { rule = $1 "," $2 "," $3 "," $4; family = "-"; loaded = 0; next }
    loaded { family = $6 ~ /^0x0*(2|8|800)$/ ? 4 : $6 ~ /^0x0*(a|86dd|dd86)$/ ? 6 : "?" }
    { loaded = /meta load (nfproto|protocol) / }
    /reject type 1 / && family != "?" { print rule "," family }'
}

# What grew between two lists of `key number`.
growth() { awk 'NR == FNR { before[$1] = $2; next } ($1 in before) && $2 > before[$1] { print $1 "," ($2 - before[$1]) }' "$1" "$2"; }

# Lines that python3 and perl print as they are, and tcpdump after this:
#   time,direction,interface,from,port,to,port,flags or icmp:type/code,ttl,window,mss,timestamp
normalise() {
  awk '
    function split_endpoint(text,   n, part, i) { sub(/:$/, "", text); n = split(text, part, ".");
      address = part[1]; for (i = 2; i < n; i++) address = address "." part[i]; port = part[n] }
    function field(pattern, skip,   found) { if (!match($0, pattern)) return "-";
      found = substr($0, RSTART + skip, RLENGTH - skip); return found }
    /^[0-9]+\.[0-9]+ / {
      time = $1; device = "-"; way = "-"; if ($3 == "In" || $3 == "Out") { device = $2; way = $3 }
      ttl = field("(ttl|hlim) [0-9]+", 4); sub(/^ /, "", ttl) }
    / > .*Flags \[/ {
      for (i = 1; i <= NF; i++) if ($i == ">") { from = $(i - 1); to = $(i + 1) }
      split_endpoint(from); a = address; p = port; split_endpoint(to);
      flags = field("Flags \\[[^]]*", 7); win = field("win [0-9]+", 4);
      print time "," way "," device "," a "," p "," address "," port "," flags "," ttl "," win "," field("mss [0-9]+", 4) "," field("TS val [0-9]+", 7); fflush() }
    / > .*: (ICMP |\[icmp6 sum ok\] ICMP6, |ICMP6, )/ && /unreachable|prohibit/ {
      for (i = 1; i <= NF; i++) if ($i == ">") { from = $(i - 1); to = $(i + 1) } sub(/:$/, "", to);
      kind = "other"; if (/admin|prohibit/) kind = "prohibited"; else if (/port/) kind = "port"; else if (/host|address/) kind = "host"; else if (/net|route/) kind = "net";
      print time "," way "," device "," from ",-," to ",-,icmp:" kind "," ttl ",-,-,-"; fflush() }'
}

python_capture() {
  exec python3 -u -c '
import socket, struct, sys, time
ports = set(int(p) for p in sys.argv[1:] if p)
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
seen = 0
while seen < 200:
    d, a = s.recvfrom(256)
    way = "Out" if a[2] == 4 else "In"
    if len(d) < 20: continue
    if d[0] >> 4 == 4: h = (d[0] & 15) * 4; proto = d[9]; ttl = d[8]; src, dst = (socket.inet_ntoa(x) for x in (d[12:16], d[16:20]))
    elif d[0] >> 4 == 6 and len(d) >= 40: h = 40; proto = d[6]; ttl = d[7]; src, dst = (socket.inet_ntop(socket.AF_INET6, x) for x in (d[8:24], d[24:40]))
    else: continue
    t = d[h:]; head = "%.6f,%s,%s,%s," % (time.time(), way, a[0], src)
    if proto == 6 and len(t) >= 20:
        sp, dp = struct.unpack("!HH", t[:4]); f = t[13]
        if not (f & 6) or not (sp in ports or dp in ports): continue
        mss = ts = "-"; o = t[20:(t[12] >> 4) * 4]
        while len(o) > 1 and o[0]:
            if o[0] == 1: o = o[1:]; continue
            if o[0] == 2 and len(o) >= 4: mss = struct.unpack("!H", o[2:4])[0]
            if o[0] == 8 and len(o) >= 10: ts = struct.unpack("!I", o[2:6])[0]
            o = o[max(2, o[1]):]
        flags = "".join(c for b, c in ((2, "S"), (4, "R"), (16, ".")) if f & b)
        print(head + "%d,%s,%d,%s,%d,%d,%s,%s" % (sp, dst, dp, flags, ttl, struct.unpack("!H", t[14:16])[0], mss, ts))
    elif len(t) > 1 and ((proto == 1 and t[0] == 3) or (proto == 58 and t[0] == 1)):
        kinds = {3: "port", 0: "net", 1: "host", 9: "prohibited", 10: "prohibited", 13: "prohibited"} if proto == 1 else {0: "net", 1: "prohibited", 3: "host", 4: "port", 5: "prohibited", 6: "net"}
        print(head + "-,%s,-,icmp:%s,%d,-,-,-" % (dst, kinds.get(t[1], "other"), ttl))
    else: continue
    seen += 1' "$PORT" "$REFERENCE"
}

perl_capture() {
  exec perl -e '
    use Socket; use Time::HiRes "time"; $| = 1; my %ports = map { $_ => 1 } grep { length } @ARGV; my ($seen, $d) = (0);
    socket(my $s, 17, 2, unpack("n", pack("S", 3))) or die; my %kind4 = (3, "port", 0, "net", 1, "host", 9, "prohibited", 10, "prohibited", 13, "prohibited");
    my %kind6 = (0, "net", 1, "prohibited", 3, "host", 4, "port", 5, "prohibited", 6, "net");
    while ($seen < 200 and defined(my $a = recv($s, $d, 256, 0))) {
      my (undef, undef, $index, undef, $type) = unpack("SnlSC", $a); my $way = $type == 4 ? "Out" : "In"; my $v = ord($d) >> 4;
      my ($h, $proto, $ttl, $src, $dst);
      if ($v == 4 and length $d >= 20) { $h = (ord($d) & 15) * 4; ($ttl, $proto) = unpack("x8CC", $d); ($src, $dst) = map { inet_ntoa($_) } unpack("x12a4a4", $d) }
      elsif ($v == 6 and length $d >= 40) { $h = 40; ($proto, $ttl) = unpack("x6CC", $d); ($src, $dst) = map { Socket::inet_ntop(AF_INET6, $_) } unpack("x8a16a16", $d) } else { next }
      my $t = substr($d, $h); my $head = sprintf("%.6f,%s,#%d,%s", time, $way, $index, $src);
      if ($proto == 6 and length $t >= 20) {
        my ($sp, $dp, $off, $f, $win) = unpack("nnx8CCn", $t); next unless $f & 6 and ($ports{$sp} or $ports{$dp});
        my ($mss, $ts, $o) = ("-", "-", substr($t, 20, ($off >> 4) * 4 - 20));
        while (length $o > 1 and (my $k = ord $o)) { if ($k == 1) { $o = substr($o, 1); next }
          $mss = unpack("x2n", $o) if $k == 2 and length $o >= 4; $ts = unpack("x2N", $o) if $k == 8 and length $o >= 10;
          my $l = ord(substr($o, 1, 1)); $l = 2 if $l < 2; last if $l > length $o; $o = substr($o, $l) }
        print "$head,$sp,$dst,$dp,", ($f & 2 ? "S" : "") . ($f & 4 ? "R" : "") . ($f & 16 ? "." : ""), ",$ttl,$win,$mss,$ts\n"
      } elsif (length $t > 1 and (($proto == 1 and ord $t == 3) or ($proto == 58 and ord $t == 1))) {
        print "$head,-,$dst,-,icmp:", (($proto == 1 ? \%kind4 : \%kind6)->{ord substr($t, 1, 1)} // "other"), ",$ttl,-,-,-\n"
      } else { next } $seen++ }' "$PORT" "$REFERENCE"
}

start_capture() {
  ports="tcp port $PORT${REFERENCE:+ or tcp port $REFERENCE}"
  if have tcpdump; then
    # Line by line (-l): what lies in a buffer is lost when tcpdump is ended.
    tcpdump -i any -nn -tt -v -l -s 96 -c 200 "(($ports) and (tcp[13] & 6 != 0 or ip6[53] & 6 != 0)) or icmp[0] = 3 or (icmp6 and ip6[40] = 1)" \
      >"$WORK/tcpdump" 2>"$WORK/tcpdump.err" </dev/null &
    CAPTURE_PID=$!
    CAPTURE=tcpdump
  elif have python3; then
    python_capture >"$WORK/packets" 2>/dev/null </dev/null &
    CAPTURE_PID=$!
    CAPTURE=python3
  elif have perl; then
    perl_capture >"$WORK/packets" 2>/dev/null </dev/null &
    CAPTURE_PID=$!
    CAPTURE=perl
  else
    lacks 'capture: none of tcpdump, python3 and perl is installed'
  fi
}

# Should the script be killed outright, or hang, this ends what it started and removes its table and its files.
guard() {
  (
    trap '' HUP INT
    left=$((SECONDS_TO_WATCH + 20))
    while [ "$left" -gt 0 ] && kill -0 $$; do sleep 1; left=$((left - 1)); done
    while read -r pid; do kill "$pid"; done <"$WORK/pids"
    nft delete table inet "$TABLE"
    rm -rf "$WORK"
  ) </dev/null >/dev/null 2>&1 &
  GUARD_PID=$!
}

start_trace() {
  if ! have nft; then
    lacks 'rule trace: nft is not installed'
    return
  fi
  TRACE_RULES=started
  if printf 'table inet %s {\nchain c {\ntype filter hook prerouting priority -350\ntcp dport %s tcp flags syn / syn,ack tcp option maxseg size 1200-1263 meta nftrace set 1\n}\n}\n' "$TABLE" "$PORT" |
    nft -f - 2>/dev/null; then
    nft monitor trace >"$WORK/trace" 2>/dev/null </dev/null &
    TRACE_PID=$!
    echo "$TRACE_PID" >>"$WORK/pids"
  else
    lacks 'rule trace: nft did not take the table'
    TRACE_RULES=no
  fi
}

# The route to whoever knocks: by the marked SYNs where they were captured, since the client may be translated on the way.
route_back() {
  have ip || return 0
  seen=$(awk -F, -v p="$PORT" '$7 == p && $8 == "S" && $2 != "Out" { if (any == "") any = $4; if ($11 >= 1200 && $11 <= 1263) marked = $4 }
    END { print marked == "" ? any : marked }' "$WORK/packets")
  if [ -z "$seen" ]; then seen=${CLIENT:-$(sed -n '1{s/:[0-9]*$//;s/^\[//;s/]$//;s/^::ffff://;p;}' "$WORK/halfopen")}; fi
  case $seen in '' | *[!0-9A-Fa-f.:]*) return 0 ;; esac
  ip route get "$seen" from "$TARGET" </dev/null >"$WORK/route" 2>&1 || ip route get "$seen" </dev/null >"$WORK/route" 2>&1
}

# Text of a command as one JSON word: gzip and base64 where they are installed.
packed() {
  if have gzip && have base64; then gzip -9 | base64 | tr -d '\n'; fi
}

# Lines as a JSON list without any blank, so that mail programs may wrap and quote it.
list() {
  sed 's/[^ -~]//g; s/\\/\\\\/g; s/"/\\"/g; s/ /\\u0020/g; s/>/\\u003e/g' | awk '
    NF { printf "%s\"%s\"", comma, substr($0, 1, 240); comma = "," }'
}

answer() {
  {
    printf '{"schema":"reachdoctor.answer/1","case":"%s","by":"kit.sh","privileges":"%s","capture":"%s"' "$CASE" "$PRIVILEGES" "$CAPTURE"
    printf ',"from":%s,"to":%s,"target":"%s","port":%s' "$FROM" "$(date +%s)" "$TARGET" "$PORT"
    printf ',"system":[%s]' "$(uname -sr | list)"
    printf ',"listens":[%s]' "$(head -n 8 "$WORK/listens" | list)"
    printf ',"halfOpen":[%s]' "$(sort -u "$WORK/halfopen" | head -n 8 | list)"
    printf ',"addresses":[%s]' "$(head -n 24 "$WORK/addresses" | list)"
    printf ',"route":[%s]' "$(head -n 2 "$WORK/route" | list)"
    printf ',"settings":[%s]' "$(head -n 24 "$WORK/settings" | list)"
    printf ',"counters":[%s],"quiet":[%s]' "$(growth "$WORK/c2" "$WORK/c3" | wanted | list)" "$(growth "$WORK/c1" "$WORK/c2" | wanted | list)"
    printf ',"packets":[%s]' "$(head -n 90 "$WORK/packets" | list)"
    printf ',"grew":[%s]' "$(growth "$WORK/r1" "$WORK/r2" | head -n 20 | list)"
    printf ',"trace":[%s]' "$(grep ' rule \| policy \|verdict' "$WORK/trace" 2>/dev/null | grep -v "$TABLE" | sort -k3 -u | head -n 8 | list)"
    printf ',"resets":[%s]' "$(head -n 40 "$WORK/resets" | list)"
    printf ',"rules":{%s}' "$RULES"
    printf ',"notChecked":[%s]}' "$(printf '%s' "$MISSING" | list)"
  } >"$WORK/answer"
}

wanted() { grep -E '^(Ip\.(InReceives|InDelivers|ForwDatagrams|OutRequests|OutTransmits|OutNoRoutes|InAddrErrors)|Ip6(InReceives|InDelivers|OutForwDatagrams|OutRequests|OutTransmits|OutNoRoutes)|Tcp\.(InSegs|OutSegs|OutRsts|PassiveOpens)|(Icmp\.|Icmp6)(OutDestUnreachs|OutMsgs)|(Udp\.|Udp6)OutDatagrams|TcpExt\.(IPReversePathFilter|ListenOverflows|ListenDrops|TCPSynRetrans|TCPTimeouts)),'; }

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --for) SECONDS_TO_WATCH=${2:-} && shift ;;
      --plan) PLAN=yes ;;
      --trace-rules) TRACE_RULES=yes ;;
      *) usage ;;
    esac
    shift || usage
  done
  case $SECONDS_TO_WATCH in '' | *[!0-9]*) usage ;; esac
  if [ "$SECONDS_TO_WATCH" -lt 2 ] || [ "$SECONDS_TO_WATCH" -gt 900 ]; then usage; fi
  if [ "${PLAN:-no}" = yes ]; then
    plan
    exit 0
  fi
  if [ "$(uname -s)" != Linux ]; then
    echo 'kit.sh is made for Linux; nothing was looked at.' >&2
    exit 3
  fi
  PRIVILEGES=user
  CAPTURE=none
  RULES=''
  if [ "$(id -u)" = 0 ]; then PRIVILEGES=root; fi
  umask 077
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/reachdoctor.XXXXXX") || exit 3
  trap clean EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for file in r1 r2 halfopen packets resets route pids; do : >"$WORK/$file"; done

  if have ss; then ss -Hltn "sport = :$PORT" </dev/null 2>/dev/null | awk '{ print $4, $2, $3 }' >"$WORK/listens"; else
    lacks 'listeners: ss is not installed; /proc/net/tcp was read, which has no queue'
    hex=$(printf '%04X' "$PORT")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v p=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == p { print "hex:" $2, "-", "-" }' >"$WORK/listens"
  fi
  if have ip; then
    ip -o addr </dev/null 2>/dev/null | awk '{ print $4, $2 }' >"$WORK/addresses"
  else
    lacks 'addresses and the route back: ip is not installed'
    : >"$WORK/addresses"
  fi
  for setting in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max /proc/sys/net/ipv4/conf/*/rp_filter; do
    if [ -r "$setting" ]; then echo "${setting#/proc/sys/net/} $(cat "$setting")"; fi
  done >"$WORK/settings" 2>/dev/null

  if [ "$PRIVILEGES" = root ]; then
    guard
    start_capture
    echo "$CAPTURE_PID" >"$WORK/pids"
    rule_counters >"$WORK/r1"
    if [ "$TRACE_RULES" = yes ]; then start_trace; fi
  else
    lacks 'packets and rules: only root may capture packets and read the rules (sudo sh kit.sh)'
    TRACE_RULES=no
  fi
  # A quiet moment first: what others send is counted, too.
  counters >"$WORK/c1"
  sleep 1
  counters >"$WORK/c2"
  FROM=$(date +%s)
  echo "Watching TCP $PORT for $SECONDS_TO_WATCH s; the other side should be knocking now." >&2
  left=$SECONDS_TO_WATCH
  while [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    if have ss; then ss -Htn state syn-recv "sport = :$PORT" </dev/null 2>/dev/null | awk '{ print $NF }' >>"$WORK/halfopen"; fi
  done
  counters >"$WORK/c3"
  if have ss; then ss -Hltn "sport = :$PORT" </dev/null 2>/dev/null | awk '{ print $4, $2, $3 }' >"$WORK/listens"; fi
  if [ -n "$CAPTURE_PID" ]; then
    kill "$CAPTURE_PID" 2>/dev/null
    wait "$CAPTURE_PID" 2>/dev/null
    CAPTURE_PID=''
    if [ "$CAPTURE" = tcpdump ]; then
      normalise <"$WORK/tcpdump" >"$WORK/packets"
      if ! [ -s "$WORK/packets" ] && grep -qi 'permission\|not permitted\|syntax error' "$WORK/tcpdump.err"; then lacks "capture: tcpdump could not start: $(head -n 1 "$WORK/tcpdump.err")"; CAPTURE=none; fi
    fi
  fi
  route_back
  if [ "$PRIVILEGES" = root ]; then
    rule_counters >"$WORK/r2"
    if have nft; then reset_families >"$WORK/resets"; fi
    nft=$(have nft && nft -j list ruleset </dev/null 2>/dev/null | packed)
    ipt=$(have iptables-save && iptables-save -c </dev/null 2>/dev/null | packed)
    ip6=$(have ip6tables-save && ip6tables-save -c </dev/null 2>/dev/null | packed)
    if [ $((${#nft} + ${#ipt} + ${#ip6})) -gt 9000 ]; then
      lacks "rules: they are too long to send ($((${#nft} + ${#ipt} + ${#ip6})) characters packed); --trace-rules names the one that decides"
    elif [ -z "$nft$ipt$ip6" ]; then
      lacks 'rules: neither nft nor iptables-save could be read, or gzip or base64 is not installed'
    else
      RULES="\"nft\":\"$nft\",\"iptables\":\"$ipt\",\"ip6tables\":\"$ip6\""
    fi
  fi
  answer
  while [ "$(wc -c <"$WORK/answer")" -gt 16384 ]; do
    # Too long: packets first, every second one.
    count=$(wc -l <"$WORK/packets")
    if [ "$count" -lt 8 ]; then RULES=''; fi
    head -n $((count / 2)) "$WORK/packets" >"$WORK/fewer" && mv "$WORK/fewer" "$WORK/packets"
    answer
  done
  echo
  echo "What was seen here (TCP $PORT, $SECONDS_TO_WATCH s, as $PRIVILEGES):"
  if [ "$CAPTURE" = none ]; then echo '  packets were not captured'; else
    echo "  SYNs to TCP $PORT that arrived: $(awk -F, -v p="$PORT" '$7 == p && $8 == "S"' "$WORK/packets" | wc -l), answers that left: $(awk -F, -v p="$PORT" '$5 == p' "$WORK/packets" | wc -l)"
  fi
  if [ -s "$WORK/listens" ]; then echo "  listening: $(awk '{ print $1 }' "$WORK/listens" | tr '\n' ' ')"; else echo "  nothing listens on TCP $PORT here"; fi
  echo 'Send everything from the first dashes to the last, in a mail or a ticket:'
  echo
  echo '-----BEGIN REACHDOCTOR ANSWER-----'
  fold -w 68 <"$WORK/answer"
  echo
  echo "-----END REACHDOCTOR ANSWER $(cksum <"$WORK/answer" | awk '{ print $1 "-" $2 }')-----"
}

main "$@"
