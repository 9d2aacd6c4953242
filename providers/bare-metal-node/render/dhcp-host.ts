/**
 * A dnsmasq `dhcp-hostsdir` entry: the address follows the MAC, whatever client id firmware, iPXE or system send.
 *
 * It sets no tag: dnsmasq (seen with 2.90) aborts when it reads its entries again on SIGHUP and a machine has asked that one with
 * a tag of its own speaks of. It frees a list then that it had linked to others while it answered.
 */
export function renderDhcpHost(node: { mac: string; address: string; name: string }): string {
  return `${node.mac},id:*,${node.address},${node.name},infinite\n`;
}

/** The address in an entry; undefined where it is none of ours. */
export function addressInDhcpHost(entry: string): string | undefined {
  return /^[^,]*,id:\*,([0-9.]+),/.exec(entry)?.[1];
}

/** Where a machine's entry is. Who has one is registered: it comes before anything else that is done to a machine, and goes last. */
export const dhcpHostPath = (root: string, name: string): string => `${root}/dnsmasq/hosts.d/${name}`;
