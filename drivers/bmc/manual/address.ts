/** No BMC: a person presses the button. */
export interface ManualAddress {
  type: "manual";
}
