/** Every driver. A new one is a folder beside these and a line here. */
export { ipmi } from "./ipmi/access.js";
export { manual } from "./manual/access.js";
export { redfish } from "./redfish/access.js";
export { wakeOnLan } from "./wake-on-lan/access.js";
