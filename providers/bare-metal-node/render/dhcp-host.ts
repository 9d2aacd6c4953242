/**
 * A dnsmasq `dhcp-hostsdir` entry: the address follows the MAC, whatever client id firmware, iPXE or system send.
 *
 * It sets no tag: dnsmasq (seen with 2.90) aborts when it reads its entries again on SIGHUP and a machine has asked that one with
 * a tag of its own speaks of. It frees a list then that it had linked to others while it answered.
 */
export function renderDhcpHost(node: { mac: string; address: string; name: string }): string {
  return `${node.mac},id:*,${node.address},${node.name},infinite\n`;
}
