#!/bin/bash
# The whole way by hand: diagnose and write the kit, run the kit there while this side knocks, merge what comes back.
# Run as root by `unshare --net --mount bash manual-world.sh CLI SCRATCH`; all files lie in SCRATCH.
set -e
cli=$1
. "$(dirname "$0")/two-ends.sh"
cd "$2"
ip netns exec server nc -lk -p 22 >/dev/null 2>&1 &
service=$!
trap 'kill "$service"' EXIT
here() { ip netns exec client "$cli" "$@" || [ $? -eq 1 ]; }
here --diagnose 10.2.0.80:8080 --json --save-evidence case.json --ask-there kit.sh --report ask.md --report ask.html >first.json 2>told.txt
ip netns exec server sh kit.sh --for 9 >answer.txt 2>watching.txt &
kit=$!
for _ in $(seq 100); do grep -q Watching watching.txt && break; sleep 0.2; done
here --knock case.json --for 6s >knocked.txt 2>&1
wait "$kit"
# As a mail program quotes it.
{ echo 'Dear sender, here it is:'; fold -w 60 answer.txt | sed 's/^/> /'; echo '-- '; echo 'the admin'; } >mail.txt
here --merge case.json mail.txt --json --save-evidence merged.json --report merged.md --report merged.html >merged.out 2>merged.txt
# The same half by reachdoctor itself, where it is installed there.
ip netns exec server "$cli" --here case.json --for 9s >here.txt 2>watching.txt &
kit=$!
for _ in $(seq 100); do grep -q Watching watching.txt && break; sleep 0.2; done
here --knock case.json --for 6s >/dev/null 2>&1
wait "$kit"
here --merge case.json here.txt --json >here.out 2>/dev/null
