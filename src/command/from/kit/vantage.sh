# reachdoctor: the view from this machine. It connects to TCP @PORT@ of one target as this machine would, once for each
# address, and says how that ends. It installs nothing, writes no file, and sends nothing but these connections, a
# question for the name, and (with python3 or perl) SYNs whose TTL runs out on the way. It ends by itself.

CASE='@CASE@'
HOST='@HOST@'
ADDRESSES='@ADDRESSES@'
PORT='@PORT@'
REFERENCE='@REFERENCE@'
CONTROL='@CONTROL@'
FAMILY='@FAMILY@'
SWEEP='@SWEEP@'

LC_ALL=C
export LC_ALL
PATH="${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin"
# Seconds that a connection and a question are waited for.
WAIT=4
JOBS='' GAPS=''

have() { command -v "$1" >/dev/null 2>&1; }
lacks() { GAPS="$GAPS${GAPS:+,}\"$1\""; }

clean() {
  trap '' HUP INT TERM
  for job in $JOBS; do kill "$job" 2>/dev/null; done
}

# Runs a command for at most so many seconds; 124 or 143 where it had to be ended.
limited() {
  limit=$1
  shift
  if have timeout; then
    timeout "$limit" "$@"
    return
  fi
  "$@" &
  job=$!
  (
    left=$limit
    while [ "$left" -gt 0 ] && kill -0 "$job"; do
      sleep 1
      left=$((left - 1))
    done
    kill "$job"
  ) >/dev/null 2>&1 &
  wait "$job"
}

# Hundredths of a second since this machine started; nothing where it does not tell.
now() {
  read -r uptime rest 2>/dev/null </proc/uptime || return 0
  case $uptime in
    *[!0-9.]* | '') ;;
    *.??) echo "${uptime%.*}${uptime#*.}" ;;
  esac
}

is_address() {
  case $1 in
    '' | *[!0-9A-Fa-f.:]*) return 1 ;;
    *.* | *:*) return 0 ;;
  esac
  return 1
}

family_of() { case $1 in *:*) echo 6 ;; *) echo 4 ;; esac; }

# One connection's line: role, address, port, outcome, errno, milliseconds, whether it never left this machine.
connected() {
  timed=''
  if [ "$6" = '' ]; then timed=',"timed":false'; fi
  code=null
  if [ -n "$5" ]; then code="\"$5\""; fi
  printf '{"probe":"tcp-connect","input":{"address":"%s","port":%s,"role":"%s","startsMs":[0],"endMs":3500,"stopAtFirstAnswer":true},"outcome":"%s","data":{"attempts":[{"startMs":0,"outcome":"%s","code":%s,"elapsedMs":%s,"local":%s%s}]}}\n' \
    "$2" "$3" "$1" "$4" "$4" "$code" "${6:-0}" "$7" "$timed"
}

# What a tool without errno says, in the words of strerror(3).
by_words() {
  case $1 in
    *[Rr]efused*) echo 'refused ECONNREFUSED false' ;;
    *'No route to host'*) echo 'unreachable EHOSTUNREACH false' ;;
    *'etwork is unreachable'* | *'etwork unreachable'*) echo 'unreachable ENETUNREACH true' ;;
    *'Operation not permitted'*) echo 'local-error EPERM true' ;;
    *'Permission denied'*) echo 'unreachable EACCES false' ;;
    *'Cannot assign'* | *'not supported'*) echo 'local-error EADDRNOTAVAIL true' ;;
    *) echo 'timeout - false' ;;
  esac
}

by_shell() {
  begun=$(now)
  case $TOOL in
    bash) said=$(limited "$WAIT" bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo OPEN' bash "$2" "$3" 2>&1 </dev/null) ;;
    'busybox nc') said=$(limited "$WAIT" $NC -w 3 -e true "$2" "$3" 2>&1 </dev/null && echo OPEN) ;;
    *) said=$(limited "$WAIT" nc -n -v -z -w 3 "$2" "$3" 2>&1 </dev/null && echo OPEN) ;;
  esac
  ended=$(now)
  ms=''
  if [ -n "$begun" ] && [ -n "$ended" ]; then ms=$(((ended - begun) * 10)); fi
  case $said in
    *OPEN) connected "$1" "$2" "$3" open '' "$ms" false ;;
    *)
      read -r outcome code near <<END
$(by_words "$said")
END
      if [ "$code" = - ]; then code=''; fi
      connected "$1" "$2" "$3" "$outcome" "$code" "$ms" "$near"
      ;;
  esac
}

# role, address, port: one connection, and with python3 or perl what the way says.
attempt() {
  case $TOOL in
    python3) python3 -c "$PYTHON" "$1" "$2" "$3" "$SWEEP" ;;
    perl) perl -e "$PERL" "$1" "$2" "$3" "$SWEEP" ;;
    *) by_shell "$1" "$2" "$3" ;;
  esac </dev/null 2>/dev/null &
  JOBS="$JOBS $!"
}

look_at() {
  route "$1"
  attempt target "$1" "$PORT"
  if [ -n "$REFERENCE" ]; then attempt reference-port "$1" "$REFERENCE"; fi
}

# What the kernel would do with a packet to the address.
route() {
  have ip || return 0
  said=$(ip -o route get "$1" 2>&1 </dev/null) || case $said in
    *nreachable*) said=none ;;
    *) return 0 ;;
  esac
  kind=unicast gateway=null device=null source=null
  # shellcheck disable=SC2086
  set -- "$1" $said
  address=$1
  shift
  case ${1:-} in
    local | broadcast | blackhole | prohibit | unreachable) kind=$1 ;;
    none) kind=none ;;
  esac
  while [ $# -gt 1 ]; do
    case $1 in
      via) is_address "$2" && gateway="\"$2\"" ;;
      src) is_address "$2" && source="\"$2\"" ;;
      dev) case $2 in *[!0-9A-Za-z_.@-]*) ;; *) device="\"$2\"" ;; esac ;;
    esac
    shift
  done
  link=true
  if [ "$gateway" != null ]; then link=false; fi
  if [ "$kind" != unicast ] && [ "$kind" != local ]; then link=null; fi
  printf '{"probe":"local-network","input":{"address":"%s"},"outcome":"measured","data":{"route":{"kind":"%s","device":%s,"gateway":%s,"source":%s,"onLink":%s},"neighbour":null,"interfaces":[]}}\n' \
    "$address" "$kind" "$device" "$gateway" "$source" "$link"
}

# The name as programs of this machine would have it: the addresses in FOUND, and a line.
resolve() {
  FOUND='' list=''
  if have getent; then
    said=$(limited "$WAIT" getent ahosts "$HOST" </dev/null 2>/dev/null)
    code=$?
    outcome=not-found
    if [ "$code" = 0 ]; then outcome=resolved; elif [ "$code" != 2 ]; then outcome=timeout; fi
    said=$(printf '%s\n' "$said" | while read -r one rest; do echo "$one"; done)
  elif have nslookup; then
    said=$(limited "$WAIT" nslookup "$HOST" </dev/null 2>/dev/null)
    code=$?
    outcome=not-found
    case $said in *NXDOMAIN*) ;; *) if [ "$code" != 0 ] && [ "$code" != 1 ]; then outcome=timeout; fi ;; esac
    # The server's own address stands before the answer.
    said=$(printf '%s\n' "$said" | while read -r word one rest; do
      case $word in
        Name:) named=yes ;;
        Address*) if [ "${named:-}" = yes ]; then case $one in *[!0-9]*) echo "$one" ;; *) echo "${rest%% *}" ;; esac fi ;;
      esac
    done)
  else
    return 0
  fi
  for one in $said; do
    is_address "$one" || continue
    case " $FOUND " in *" $one "*) continue ;; esac
    FOUND="$FOUND $one"
    list="$list${list:+,}{\"address\":\"$one\",\"family\":$(family_of "$one")}"
  done
  if [ -n "$FOUND" ]; then outcome=resolved; fi
  printf '{"probe":"system-resolve","input":{"host":"%s"},"outcome":"%s","data":{"addresses":[%s],"code":null}}\n' "$HOST" "$outcome" "$list"
}

python_code() {
  cat <<'END'
import errno, select, socket, struct, sys, time
role, addr, port, sweeps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "yes"
six = ":" in addr
FAMILY = socket.AF_INET6 if six else socket.AF_INET
LEVEL, RECVERR, TTL = (41, 25, 16) if six else (0, 11, 2)
watching = True

def begin(ttl=None):
    global watching
    s = socket.socket(FAMILY, socket.SOCK_STREAM)
    s.setblocking(False)
    try:
        s.setsockopt(LEVEL, RECVERR, 1)
    except OSError:
        watching = False
    if ttl:
        s.setsockopt(LEVEL, TTL, ttl)
    at = time.monotonic()
    return s, at, s.connect_ex((addr, port))

def told(s):
    try:
        control = s.recvmsg(256, 512, 0x2000)[1]
    except (OSError, AttributeError):
        return None
    for level, kind, data in control:
        if level == LEVEL and kind == RECVERR and len(data) >= 16:
            _, origin, icmp, code = struct.unpack("=IBBB", data[:7])
            if origin not in (2, 3):
                return None
            raw = data[24:40] if six else data[20:24]
            return icmp, code, socket.inet_ntop(FAMILY, raw) if len(raw) in (4, 16) else None

def ended(s, wait):
    p = select.poll()
    p.register(s, select.POLLOUT)
    if not p.poll(max(0, int(wait * 1000))):
        return None
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

def word(e):
    # Accepted and reset at once.
    if e in (0, errno.ECONNRESET):
        return "open"
    if e == errno.ECONNREFUSED:
        return "refused"
    if e in (errno.EPERM, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EMFILE, errno.EINVAL):
        return "local-error"
    return "timeout" if e == errno.ETIMEDOUT else "unreachable"

def q(v):
    return "null" if v is None else '"%s"' % v

def say(outcome, e, ms, local, icmp):
    code = q(errno.errorcode.get(e)) if e else "null"
    heard = ""
    if watching:
        heard = ',"told":null' if not icmp else ',"told":{"from":%s,"icmpType":%d,"icmpCode":%d}' % (q(icmp[2]), icmp[0], icmp[1])
    print('{"probe":"tcp-connect","input":{"address":"%s","port":%d,"role":"%s","startsMs":[0],"endMs":3500,"stopAtFirstAnswer":true},"outcome":"%s","data":{"attempts":[{"startMs":0,"outcome":"%s","code":%s,"elapsedMs":%.1f,"local":%s%s}]}}'
          % (addr, port, role, outcome, outcome, code, ms, "true" if local else "false", heard), flush=True)

def sweep():
    replies, ttl, more = [], 1, True
    while more and ttl <= 24:
        batch = [(t,) + begin(t) for t in range(ttl, ttl + 4)]
        until, heard = time.monotonic() + 1.4, False
        for t, s, at, e in batch:
            icmp, answer, rtt = None, "silence", None
            if e in (0, errno.EINPROGRESS):
                e = ended(s, until - time.monotonic())
                rtt = "%.2f" % ((time.monotonic() - at) * 1000)
                icmp = told(s)
                if e == 0 and not icmp:
                    answer, more = "syn-ack", False
                elif icmp and icmp[0] == (3 if six else 11):
                    answer, heard = "time-exceeded", True
                elif icmp:
                    answer, more = "unreachable", False
                elif e in (errno.ECONNREFUSED, errno.ECONNRESET):
                    answer, more = "rst", False
                elif e is not None:
                    answer, more = "local-error", False
            else:
                answer, more = "local-error", False
            s.close()
            name = errno.errorcode.get(e) if e else None
            replies.append('{"ttl":%d,"answer":"%s","from":%s,"icmpType":%s,"icmpCode":%s,"errno":%s,"rttMs":%s,"sent":%d}' % (
                t, answer, q(icmp[2]) if icmp else "null", icmp[0] if icmp else "null", icmp[1] if icmp else "null",
                q(name), rtt if icmp else "null", 2 if answer == "silence" else 1))
            if not more:
                break
        for one in batch:
            one[1].close()
        more, ttl = more and heard, ttl + 4
    last = replies[-1]
    outcome = "rejected" if '"unreachable"' in last else "local-error" if '"local-error"' in last else "reached" if '"rst"' in last or '"syn-ack"' in last else "stopped"
    print('{"probe":"trace-syn","input":{"address":"%s","port":%d,"protocol":"tcp","role":"%s","holdMs":0,"maxTtl":24,"silentLimit":4},"outcome":"%s","data":{"method":"tcp-syn","protocol":"tcp","port":%d,"address":"%s","replies":[%s],"counters":null}}'
          % (addr, port, "target" if role == "target" else "reference", outcome, port, addr, ",".join(replies)), flush=True)

s, at, e = begin()
local = e not in (0, errno.EINPROGRESS)
if not local:
    e = ended(s, 0.8)
swept = False
if e is None and role == "target" and sweeps and watching:
    swept = sweep() or True
if e is None:
    e = ended(s, at + 3.5 - time.monotonic())
ms = (time.monotonic() - at) * 1000
icmp = told(s) if e else None
outcome = "timeout" if e is None else word(e)
say(outcome, e, ms, local, icmp)
s.close()
answered = outcome in ("open", "refused")
if sweeps and watching and not local and not swept and (answered if role == "reference-port" else role == "target" and outcome != "open"):
    sweep()
END
}

# The best tool that works here, in TOOL.
choose() {
  if have python3 && python3 -c 'import select, socket, struct' </dev/null 2>/dev/null; then
    TOOL=python3 PYTHON=$(python_code)
    return
  fi
  lacks sender
  lacks sweep
  if [ -z "$(now)" ]; then lacks time; fi
  if have bash && bash -c ': </dev/tcp/127.0.0.1/0' 2>&1 </dev/null | grep -qi 'refused\|assign\|invalid'; then
    TOOL=bash
  elif have nc && nc --help 2>&1 </dev/null | grep -q BusyBox; then
    TOOL='busybox nc' NC=nc
  elif have busybox && busybox nc --help 2>&1 </dev/null | grep -q -- ' -e '; then
    TOOL='busybox nc' NC='busybox nc'
  elif have nc; then
    TOOL=nc
  else
    TOOL=''
  fi
}

main() {
  trap clean EXIT
  trap 'exit 143' HUP INT TERM
  choose
  if [ -n "$HOST" ] && ! have getent && ! have nslookup; then lacks name; fi
  if ! have ip; then lacks route; fi
  printf '{"view":1,"case":"%s","tool":"%s","root":%s,"notChecked":[%s]}\n' \
    "$CASE" "$TOOL" "$(if [ "$(id -u)" = 0 ]; then echo true; else echo false; fi)" "$GAPS"
  if [ -n "$TOOL" ]; then
    for one in $ADDRESSES; do look_at "$one"; done
    if [ -n "$CONTROL" ]; then attempt reference-host "$CONTROL" "$PORT"; fi
  fi
  if [ -n "$HOST" ]; then
    resolve
    more=0
    for one in $FOUND; do
      case " $ADDRESSES " in *" $one "*) continue ;; esac
      if [ -n "$FAMILY" ] && [ "$FAMILY" != "$(family_of "$one")" ]; then continue; fi
      more=$((more + 1))
      if [ "$more" -le 2 ] && [ -n "$TOOL" ]; then look_at "$one"; fi
    done
  fi
  for job in $JOBS; do wait "$job"; done
  JOBS=''
  printf '{"end":"%s"}\n' "$CASE"
}

main
