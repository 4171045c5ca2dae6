# A client, a router and a server that drops TCP 8080: network namespaces `client` and `server`. To be sourced, as root, in a
# network and mount namespace of one's own.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p -m 755 /run/sshd /run/netns
for host in client server; do
  ip netns add $host
  ip link add $host type veth peer name eth0 netns $host
  ip link set $host up
  ip -n $host link set lo up
  ip -n $host link set eth0 up
done
ip link set lo up
ip addr add 10.1.0.1/24 dev client
ip addr add 10.2.0.1/24 dev server
ip -n client addr add 10.1.0.50/24 dev eth0
ip -n client route add default via 10.1.0.1
ip -n server addr add 10.2.0.80/24 dev eth0
ip -n server route add default via 10.2.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
ip netns exec server nft 'add table inet f; add chain inet f i { type filter hook input priority 0; }; add rule inet f i tcp dport 8080 counter drop'
