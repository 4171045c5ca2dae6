# reachdoctor: the view from this machine. It connects to TCP @PORT@ of one target as this machine would, once for each
# address, and says how that ends. It installs nothing, writes no file, and sends nothing but these connections, a
# question for the name, and (with python3 or perl) SYNs whose TTL runs out on the way. It ends by itself.

CASE='@CASE@' HOST='@HOST@' ADDRESSES='@ADDRESSES@' PORT='@PORT@'
REFERENCE='@REFERENCE@' CONTROL='@CONTROL@' FAMILY='@FAMILY@' SWEEP='@SWEEP@'

export LC_ALL=C
PATH="${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin"
# Seconds that a connection and a question are waited for.
WAIT=4
JOBS='' GAPS='' TOOL='' NC=nc

have() { command -v "$1" >/dev/null 2>&1; }
lacks() { GAPS="$GAPS${GAPS:+,}\"$1\""; }

clean() {
  trap '' HUP INT TERM
  for job in $JOBS; do kill "$job" 2>/dev/null; done
}

# Runs a command for at most so many seconds.
limited() {
  if have timeout; then
    timeout "$@"
    return
  fi
  seconds=$1
  shift
  "$@" &
  job=$!
  (sleep "$seconds" && kill "$job") >/dev/null 2>&1 &
  guard=$!
  wait "$job"
  code=$?
  kill "$guard" 2>/dev/null
  return $code
}

# Hundredths of a second since this machine started; nothing where it does not tell.
now() { if read -r uptime rest; then echo "${uptime%.*}${uptime#*.}"; fi 2>/dev/null </proc/uptime; }
is_address() { case $1 in *[!0-9A-Fa-f.:]*) return 1 ;; *.* | *:*) ;; *) return 1 ;; esac; }
family_of() { case $1 in *:*) echo 6 ;; *) echo 4 ;; esac; }
quoted() { if [ "$1" = - ]; then echo null; else echo "\"$1\""; fi; }
number() { case $1 in '' | *[!0-9.]*) echo null ;; *) echo "$1" ;; esac; }

# What an errno is for a connection.
outcome_of() {
  case $1 in
    - | ECONNRESET) echo open ;; # accepted, and reset at once
    ECONNREFUSED) echo refused ;;
    silent | ETIMEDOUT) echo timeout ;;
    EPERM | EADDRNOTAVAIL | EAFNOSUPPORT | EMFILE | ENFILE | EINVAL) echo local-error ;;
    *) echo unreachable ;;
  esac
}

# Lines of words become observations of role, address and port. ERRNO is - for none and silent for no answer:
#   connect ERRNO MS LOCAL TYPE CODE FROM   the ICMP error that ended it (none = none came, - = not told)
#   hop TTL ERRNO TYPE CODE FROM MS         and at the end of a sweep: swept
observed() {
  replies='' last='' exceeded=11
  case $2 in *:*) exceeded=3 ;; esac
  while read -r what one two three four five six; do
    case $what in
      connect)
        timed='' told='' outcome=$(outcome_of "$one")
        if [ "$two" = - ]; then timed=',"timed":false' two=0; fi
        case $four in
          - | '') ;;
          none) told=',"told":null' ;;
          *) told=",\"told\":{\"from\":$(quoted "$six"),\"icmpType\":$(number "$four"),\"icmpCode\":$(number "$five")}" ;;
        esac
        if [ "$one" = silent ]; then one=-; fi
        printf '{"probe":"tcp-connect","input":{"address":"%s","port":%s,"role":"%s","startsMs":[0],"endMs":3500,"stopAtFirstAnswer":true},"outcome":"%s","data":{"attempts":[{"startMs":0,"outcome":"%s","code":%s,"elapsedMs":%s,"local":%s%s%s}]}}\n' \
          "$2" "$3" "$1" "$outcome" "$outcome" "$(quoted "$one")" "$(number "$two")" "$three" "$timed" "$told"
        ;;
      hop)
        sent=1
        if [ "$1,$two" = target,silent ]; then sent=2; fi
        case $two,$three in
          *,$exceeded) last=time-exceeded ;;
          *,[0-9]*) last=unreachable ;;
          silent,*) last=silence two=- ;;
          *) case $(outcome_of "$two") in open) last=syn-ack ;; refused) last=rst ;; *) last=local-error ;; esac ;;
        esac
        replies="$replies${replies:+,}{\"ttl\":$one,\"answer\":\"$last\",\"from\":$(quoted "$five"),\"icmpType\":$(number "$three"),\"icmpCode\":$(number "$four"),\"errno\":$(quoted "$two"),\"rttMs\":$(number "$six"),\"sent\":$sent}"
        ;;
      swept)
        case $last in unreachable) last=rejected ;; rst | syn-ack) last=reached ;; local-error) ;; *) last=stopped ;; esac
        printf '{"probe":"trace-syn","input":{"address":"%s","port":%s,"protocol":"tcp","role":"%s","holdMs":0,"maxTtl":24,"silentLimit":4},"outcome":"%s","data":{"method":"tcp-syn","protocol":"tcp","port":%s,"address":"%s","replies":[%s],"counters":null}}\n' \
          "$2" "$3" "${1%-port}" "$last" "$3" "$2" "$replies"
        ;;
    esac
  done
}

# What a tool without errno says, in the words of strerror(3), and whether it never left this machine.
by_words() {
  case $1 in
    *OPEN) echo '- false' ;;
    *[Rr]efused*) echo 'ECONNREFUSED false' ;;
    *'No route to host'*) echo 'EHOSTUNREACH false' ;;
    *'etwork is unreachable'* | *'etwork unreachable'*) echo 'ENETUNREACH true' ;;
    *'Operation not permitted'*) echo 'EPERM true' ;;
    *'Permission denied'*) echo 'EACCES false' ;;
    *'Cannot assign'* | *'not supported'*) echo 'EADDRNOTAVAIL true' ;;
    *'timed out'* | *TIMEOUT* | *'ended 124' | *'ended 143') echo 'silent false' ;;
  esac
}

by_shell() {
  begun=$(now)
  # shellcheck disable=SC2016,SC2086
  case $TOOL in
    bash) said=$(limited "$WAIT" bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo OPEN' bash "$1" "$2" 2>&1) || said="$said ended $?" ;;
    'busybox nc') said=$(limited "$WAIT" $NC -w 3 "$1" "$2" -e true 2>&1 && echo OPEN) || said="$said ended $?" ;;
    *) said=$(limited "$WAIT" nc -n -v -z -w 3 "$1" "$2" 2>&1 && echo OPEN) || said="$said ended $?" ;;
  esac
  ended=$(now)
  said=$(by_words "$said")
  # Words that are not known say nothing.
  if [ -z "$said" ]; then return; fi
  ms=-
  if [ -n "$begun" ] && [ -n "$ended" ]; then ms=$(((ended - begun) * 10)); fi
  echo "connect ${said% *} $ms ${said##* } -"
}

# role, address, port: one connection, and with python3 or perl what the way says.
attempt() {
  case $TOOL in
    python3) python3 -c "$PYTHON" "$1" "$2" "$3" "$SWEEP" ;;
    perl) perl -e "$PERL" "$1" "$2" "$3" "$SWEEP" ;;
    *) by_shell "$2" "$3" ;;
  esac </dev/null 2>/dev/null | observed "$1" "$2" "$3" &
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
  said=$(ip -o route get "$1" 2>&1 </dev/null) || case $said in *nreachable*) said=none ;; *) return 0 ;; esac
  address=$1 kind=unicast gateway=- device=- source=- link=true
  # shellcheck disable=SC2086
  set -- $said
  case $1 in local | broadcast | blackhole | prohibit | unreachable | none) kind=$1 ;; esac
  while [ $# -gt 1 ]; do
    case $1 in
      via) if is_address "$2"; then gateway=$2 link=false; fi ;;
      src) if is_address "$2"; then source=$2; fi ;;
      dev) case $2 in *[!0-9A-Za-z_.@-]*) ;; *) device=$2 ;; esac ;;
    esac
    shift
  done
  case $kind in unicast | local) ;; *) link=null ;; esac
  printf '{"probe":"local-network","input":{"address":"%s"},"outcome":"measured","data":{"route":{"kind":"%s","device":%s,"gateway":%s,"source":%s,"onLink":%s},"neighbour":null,"interfaces":[]}}\n' \
    "$address" "$kind" "$(quoted "$device")" "$(quoted "$gateway")" "$(quoted "$source")" "$link"
}

# The name as programs of this machine would have it: the addresses in FOUND, and a line.
resolve() {
  FOUND='' list='' code=0 none=2
  if have getent; then
    said=$(limited "$WAIT" getent ahosts "$HOST" </dev/null 2>/dev/null) || code=$?
    said=$(echo "$said" | while read -r one rest; do echo "$one"; done)
  elif have nslookup; then
    none=1
    said=$(limited "$WAIT" nslookup "$HOST" </dev/null 2>/dev/null) || code=$?
    # The server's own address stands before the name.
    said=$(echo "$said" | while read -r word one two rest; do
      case $word in Name:) named=yes ;; Address*) if [ "${named:-}" = yes ]; then echo "$one $two"; fi ;; esac
    done)
  else
    return 0
  fi
  for one in $said; do
    if ! is_address "$one"; then continue; fi
    case " $FOUND " in *" $one "*) continue ;; esac
    FOUND="$FOUND $one"
    list="$list${list:+,}{\"address\":\"$one\",\"family\":$(family_of "$one")}"
  done
  outcome=timeout
  if [ -n "$FOUND" ]; then outcome=resolved; elif [ "$code" = 0 ] || [ "$code" = $none ]; then outcome=not-found; fi
  printf '{"probe":"system-resolve","input":{"host":"%s"},"outcome":"%s","data":{"addresses":[%s],"code":null}}\n' "$HOST" "$outcome" "$list"
}

python_code() {
  cat <<'END'
import errno, select, socket, struct, sys, time
role, addr, port, sweeps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "yes"
six = ":" in addr
FAMILY = socket.AF_INET6 if six else socket.AF_INET
LEVEL, RECVERR, TTL = (41, 25, 16) if six else (0, 11, 2)

def begin(ttl):
    s = socket.socket(FAMILY, socket.SOCK_STREAM)
    s.setblocking(False)
    try:
        s.setsockopt(LEVEL, RECVERR, 1)
    except OSError:
        pass
    if ttl:
        s.setsockopt(LEVEL, TTL, ttl)
    at = time.monotonic()
    return s, at, s.connect_ex((addr, port))
def told(s):
    try:
        control = s.recvmsg(256, 512, 0x2000)[1]
    except (OSError, AttributeError):
        return []
    for level, kind, data in control:
        if level == LEVEL and kind == RECVERR and len(data) >= (40 if six else 24) and data[4] in (2, 3):
            return [data[5], data[6], socket.inet_ntop(FAMILY, data[24:40] if six else data[20:24])]
    return []
def ended(s, wait):
    p = select.poll()
    p.register(s, select.POLLOUT)
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if p.poll(max(0, int(wait * 1000))) else None
def name(e):
    return "silent" if e is None else errno.errorcode.get(e, "OTHER") if e else "-"

def sweep():
    # To a port that answers one at a time: every SYN that gets there is a connection.
    width, wait = (4, 1.4) if role == "target" else (1, 0.7)
    quiet, late = 0, time.monotonic() + 8
    for first in range(1, 24, width):
        batch = [(t,) + begin(t) for t in range(first, first + width)]
        until, heard, over = time.monotonic() + wait, False, False
        for t, s, at, e in batch:
            e = ended(s, until - time.monotonic()) if e == errno.EINPROGRESS else e
            icmp = told(s) if e else []
            print("hop", t, name(e), *(icmp + ["%.2f" % ((time.monotonic() - at) * 1000)] if icmp else "----"))
            passed = bool(icmp) and icmp[0] == (3 if six else 11)
            heard = heard or passed
            if e is not None and not passed:
                over = True
                break
        quiet = 0 if heard else quiet + width
        if over or quiet >= 4 or time.monotonic() > late:
            break
    print("swept", flush=True)

s, at, e = begin(0)
local = e not in (0, errno.EINPROGRESS)
if not local:
    e = ended(s, 0.8)
early = e is None and role == "target" and sweeps
if early:
    sweep()
if e is None:
    e = ended(s, at + 3.5 - time.monotonic())
icmp = told(s) if e and not local else []
print("connect", name(e), "%.1f" % ((time.monotonic() - at) * 1000), "true" if local else "false", *(icmp or ["none"]), flush=True)
s.close()
answered = e in (0, errno.ECONNREFUSED)
if sweeps and not local and not early and (answered if role == "reference-port" else role == "target" and e != 0):
    sweep()
END
}

# The same in Perl, whose core knows no recvmsg(2): by its number, on Linux of 64 bits.
perl_code() {
  cat <<'END'
use strict; use Socket qw(:DEFAULT inet_pton inet_ntop pack_sockaddr_in6 AF_INET6); use POSIX (); use Errno;
$| = 1;
my ($role, $addr, $port, $sweeps) = @ARGV;
my $six = $addr =~ /:/;
my $family = $six ? AF_INET6 : AF_INET;
my ($level, $recverr, $hops) = $six ? (41, 25, 16) : (0, 11, 2);
my $to = $six ? pack_sockaddr_in6($port, inet_pton($family, $addr)) : pack_sockaddr_in($port, inet_pton($family, $addr));
my %calls = (x86_64 => 47, aarch64 => 212, riscv64 => 212, ppc64le => 342, s390x => 372);
my $recvmsg = $calls{(POSIX::uname())[4]};
my %names;
for my $n (grep { Errno->can($_) } keys %Errno::) { $names{Errno->can($n)->()} ||= $n if $n =~ /^E[A-Z]+$/ && $n !~ /^EX/ }
my $progress = Errno::EINPROGRESS();

sub now { open(my $f, '<', '/proc/uptime') or return time; return (split ' ', <$f>)[0] }
sub name { return !defined $_[0] ? 'silent' : $_[0] == 0 ? '-' : $names{$_[0]} || 'OTHER' }

sub begin {
  my $ttl = shift;
  socket(my $s, $family, SOCK_STREAM, 6) or return (undef, now(), 0 + $!);
  fcntl($s, 4, fcntl($s, 3, 0) | 2048); # O_NONBLOCK
  setsockopt($s, $level, $recverr, pack('i', 1));
  setsockopt($s, $level, $hops, pack('i', $ttl)) if $ttl;
  my $at = now();
  return ($s, $at, connect($s, $to) ? 0 : 0 + $!);
}

sub told {
  my $s = shift;
  return () unless $recvmsg;
  my ($data, $control) = ("\0" x 256, "\0" x 512);
  my $iov = pack('P256 Q', $data, 256);
  my $message = pack('Q Q P16 Q P512 Q Q', 0, 0, $iov, 1, $control, 512, 0);
  return () if syscall($recvmsg, fileno($s), $message, 0x2000) < 0;
  my ($length, $l, $kind, undef, $origin, $icmp, $code) = unpack('Q l l L C C C', $control);
  return () unless $length >= 40 && $l == $level && $kind == $recverr && ($origin == 2 || $origin == 3);
  return ($icmp, $code, inet_ntop($family, substr($control, $six ? 40 : 36, $six ? 16 : 4)));
}

sub ended {
  my ($s, $wait) = @_;
  vec(my $w = '', fileno($s), 1) = 1;
  return undef unless select(undef, $w, undef, $wait > 0 ? $wait : 0);
  return unpack('i', getsockopt($s, SOL_SOCKET, SO_ERROR));
}

sub sweep {
  my ($width, $wait) = $role eq 'target' ? (4, 1.4) : (1, 0.7);
  my ($quiet, $late) = (0, now() + 8);
  for (my $first = 1; $first < 24; $first += $width) {
    my @batch = map { [$_, begin($_)] } $first .. $first + $width - 1;
    my ($until, $heard, $over) = (now() + $wait, 0, 0);
    for (@batch) {
      my ($t, $s, $at, $e) = @$_;
      $e = ended($s, $until - now()) if $e == $progress;
      my @icmp = $e ? told($s) : ();
      print join(' ', 'hop', $t, name($e), @icmp ? (@icmp, sprintf '%.0f', (now() - $at) * 1000) : ('-') x 4), "\n";
      my $passed = @icmp && $icmp[0] == ($six ? 3 : 11);
      $heard ||= $passed;
      if (defined $e && !$passed) { $over = 1; last }
    }
    $quiet = $heard ? 0 : $quiet + $width;
    last if $over || $quiet >= 4 || now() > $late;
  }
  print "swept\n";
}

my ($s, $at, $e) = begin(0);
my $local = $e != 0 && $e != $progress;
$e = ended($s, 0.8) unless $local;
my $early = !defined $e && $role eq 'target' && $sweeps eq 'yes' && $recvmsg;
sweep() if $early;
$e = ended($s, $at + 3.5 - now()) unless defined $e;
my @icmp = $e && !$local ? told($s) : ();
print join(' ', 'connect', name($e), int((now() - $at) * 1000), $local ? 'true' : 'false', @icmp ? @icmp : $recvmsg ? 'none' : '-'), "\n";
my $answered = defined $e && ($e == 0 || $e == Errno::ECONNREFUSED());
sweep() if $sweeps eq 'yes' && $recvmsg && !$local && !$early && ($role eq 'reference-port' ? $answered : $role eq 'target' && (!defined $e || $e));
END
}

# The best tool that works here, in TOOL, and what it cannot tell.
choose() {
  if have python3 && python3 -c 'import select, socket, struct' </dev/null 2>/dev/null; then
    TOOL=python3 PYTHON=$(python_code)
    return
  fi
  if have perl && perl -e 'use Socket qw(inet_pton pack_sockaddr_in6 AF_INET6); use Errno; use POSIX ()' </dev/null 2>/dev/null; then
    TOOL=perl PERL=$(perl_code)
    case $(uname -sm) in Linux\ x86_64 | Linux\ aarch64 | Linux\ riscv64 | Linux\ ppc64le | Linux\ s390x) return ;; esac
  fi
  lacks sender
  lacks sweep
  if [ -n "$TOOL" ]; then return; fi
  if [ -z "$(now)" ]; then lacks time; fi
  if have bash && bash -c ': </dev/tcp/127.0.0.1/0' 2>&1 </dev/null | grep -qi 'refused\|assign\|invalid'; then
    TOOL=bash
  elif have nc; then
    TOOL=nc
    case $(nc --help 2>&1 </dev/null) in *BusyBox*' -e '*) TOOL='busybox nc' ;; *BusyBox*) TOOL='' ;; esac
  elif have busybox && busybox nc --help 2>&1 </dev/null | grep -q -- ' -e '; then
    TOOL='busybox nc' NC='busybox nc'
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
  if [ -z "$TOOL" ]; then ADDRESSES='' CONTROL='' HOST=''; fi
  for one in $ADDRESSES; do look_at "$one"; done
  if [ -n "$CONTROL" ]; then attempt reference-host "$CONTROL" "$PORT"; fi
  if [ -n "$HOST" ]; then
    resolve
    more=0
    for one in $FOUND; do
      case " $ADDRESSES " in *" $one "*) continue ;; esac
      if [ -n "$FAMILY" ] && [ "$FAMILY" != "$(family_of "$one")" ]; then continue; fi
      more=$((more + 1))
      if [ "$more" -le 2 ]; then look_at "$one"; fi
    done
  fi
  for job in $JOBS; do wait "$job"; done
  printf '{"end":"%s"}\n' "$CASE"
}

main
