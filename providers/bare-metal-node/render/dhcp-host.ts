/** A dnsmasq `dhcp-hostsdir` entry: the address follows the MAC, whatever client id firmware, iPXE or system send. */
export function renderDhcpHost(node: { mac: string; address: string; name: string }): string {
  return `${node.mac},id:*,set:flint,${node.address},${node.name},infinite\n`;
}
