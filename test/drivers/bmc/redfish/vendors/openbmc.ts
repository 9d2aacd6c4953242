import type { Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/system";

/** bmcweb, as IBM has it: the hypervisor is listed too, reset types are in an action info, power has transitions. */
export const openbmc: Vendor = {
  name: "OpenBMC",
  sources: [
    "https://github.com/openbmc/bmcweb/pull/266",
    "https://github.com/openbmc/bmcweb/blob/master/redfish-core/lib/systems.hpp",
    "https://github.com/openbmc/bmcweb/blob/master/redfish-core/lib/hypervisor_system.hpp",
  ],
  system: SYSTEM,
  listedToo: ["/redfish/v1/Systems/hypervisor"],
  payload: {
    "@odata.type": "#ComputerSystem.v1_16_0.ComputerSystem",
    Manufacturer: "IBM",
    Model: "9105-22A",
    SerialNumber: "1391234",
  },
  boot: {
    AutomaticRetryAttempts: 3,
    "BootSourceOverrideMode@Redfish.AllowableValues": ["Legacy", "UEFI"],
    "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd", "Cd", "Diags", "BiosSetup", "Usb"],
    StopBootOnFault: "Never",
  },
  reset: { "@Redfish.ActionInfo": `${SYSTEM}/ResetActionInfo` },
  resources: {
    [`${SYSTEM}/ResetActionInfo`]: {
      Parameters: [
        {
          AllowableValues: [
            ...[
              "On",
              "ForceOff",
              "ForceOn",
              "ForceRestart",
              "GracefulRestart",
              "GracefulShutdown",
              "PowerCycle",
              "Nmi",
            ],
          ],
          DataType: "String",
          Name: "ResetType",
          Required: true,
        },
      ],
    },
  },
  etags: "header",
  identity: { vendor: "IBM", serial: "1391234" },
  devices: ["pxe", "disk"],
};
