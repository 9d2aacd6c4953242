import type { Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/1";

/** X12. The mode falls back to Legacy when an override is set without it. */
export const supermicro: Vendor = {
  name: "Supermicro X12",
  sources: [
    "https://github.com/bmc-toolbox/bmclib/blob/main/internal/redfishwrapper/fixtures/smc_1.14.0_systems_1.json",
    "https://github.com/DMTF/Redfishtool/pull/106",
  ],
  system: SYSTEM,
  payload: {
    "@odata.type": "#ComputerSystem.v1_16_0.ComputerSystem",
    Manufacturer: "Supermicro",
    Model: "SYS-510T-MR",
    SerialNumber: "S123456X1234567",
  },
  boot: {
    AutomaticRetryConfig: "Disabled",
    "BootSourceOverrideTarget@Redfish.AllowableValues": [
      ...["None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "BiosSetup", "UsbCd", "UefiBootNext", "UefiHttp"],
    ],
    BootNext: null,
  },
  reset: {
    "@Redfish.ActionInfo": `${SYSTEM}/ResetActionInfo`,
    // Two values in one, as recorded: somebody forgot a comma.
    "ResetType@Redfish.AllowableValues": [
      ...["On", "ForceOff", "GracefulShutdownGracefulRestart", "ForceRestart", "Nmi", "ForceOn"],
    ],
  },
  etags: "header",
  sessions: "service",
  accept: (boot) => ({ BootSourceOverrideMode: "Legacy", ...boot }),
  accepted: {
    status: 200,
    body: { Success: { code: "Base.1.14.Success", message: "Successfully Completed Request." } },
  },
  identity: { vendor: "Supermicro", serial: "S123456X1234567" },
};
