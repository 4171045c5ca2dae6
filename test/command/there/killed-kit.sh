#!/bin/bash
# A kit that is killed outright while it traces rules: prints what it had made, and what is left once its guard has seen it.
# Run by `unshare --net --pid --fork --mount-proc bash killed-kit.sh KIT SCRATCH SHELL...`, as root.
kit=$1
export TMPDIR=$2
shift 2
table() { nft list tables | grep -c reachdoctor_; }
setsid "$@" "$kit" --trace-rules >/dev/null 2>&1 &
main=$!
for _ in $(seq 200); do [ "$(table)" -gt 0 ] && pgrep -f 'nft monitor' >/dev/null && break; sleep 0.1; done
echo "made $(table) $(ls -d "$TMPDIR"/reachdoctor.* | wc -l)"
kill -9 "$main"
wait "$main" 2>/dev/null
for _ in $(seq 200); do [ "$(table)" -eq 0 ] && ! ls -d "$TMPDIR"/reachdoctor.* >/dev/null 2>&1 && break; sleep 0.1; done
for _ in $(seq 50); do pgrep -f 'nft monitor|tcpdump|AF_PACKET' >/dev/null || break; sleep 0.1; done
echo "left $(table) $(ls -d "$TMPDIR"/reachdoctor.* 2>/dev/null | wc -l) $(pgrep -fc 'nft monitor|tcpdump|AF_PACKET')"
