/** No BMC, but a network card that switches the machine on; for all else, a person. */
export interface WakeOnLanAddress {
  type: "wake-on-lan";
  /** The card's MAC: lower case, colons. */
  mac: string;
  /** IPv4 address of the provisioning host in the card's network: the packet is sent from there. */
  from: string;
}
