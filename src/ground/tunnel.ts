/**
 * Names of interfaces that lead into a tunnel: WireGuard, OpenVPN, IPsec, PPP, 6in4, VPN programs of macOS (utun) and
 * Windows, where an adapter has a name that its owner chose and a description that its driver chose.
 *
 * No other machine stands on such a link, whatever its prefix says: nothing there answers ARP or neighbour discovery.
 */
export const isTunnelName = (name: string): boolean =>
  /^(utun|ipsec|gif|stf|wg|tun|tap|ppp|pppoe|gpd|vti|sit|gre|ip6tnl|ip6gre|tailscale|nordlynx|proton|zt|vpn|cscotun|l2tp|pptp)[\w-]{0,12}$/i.test(
    name,
  ) ||
  /\b(WireGuard|Wintun|OpenVPN|TAP-Windows|TAP-Win32|AnyConnect|GlobalProtect|PANGP|FortiClient|Fortinet|Pulse Secure|SonicWall|Tailscale|ZeroTier|NordLynx|ExpressVPN|Teredo|ISATAP|6to4|WAN Miniport|VPN|Tunnel|Tunneling|PPP)\b/i.test(
    name,
  );
