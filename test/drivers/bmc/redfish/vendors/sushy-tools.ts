import type { Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/4f3b1d0c-5a1e-4c4e-9d07-0a1b2c3d4e5f";

/** The emulator for virtual machines: many systems behind one service, no sessions, every override lasts. */
export const sushyTools: Vendor = {
  name: "sushy-tools",
  sources: [
    "https://opendev.org/openstack/sushy-tools/src/branch/master/sushy_tools/emulator/templates/system.json",
    "https://opendev.org/openstack/sushy-tools/src/branch/master/sushy_tools/emulator/main.py",
  ],
  system: SYSTEM,
  listedToo: ["/redfish/v1/Systems/9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"],
  declared: true,
  sessions: "none",
  payload: {
    "@odata.type": "#ComputerSystem.v1_13_0.ComputerSystem",
    Manufacturer: "Sushy Emulator",
    SerialNumber: "emulated-1",
  },
  boot: {
    "BootSourceOverrideTarget@Redfish.AllowableValues": ["Pxe", "Cd", "Hdd", "UefiHttp"],
    UefiTargetBootSourceOverride: "/0x31/0x33/0x01/0x01",
  },
  reset: {
    "ResetType@Redfish.AllowableValues": [
      ...["On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "Nmi", "ForceOn"],
    ],
  },
  etags: "none",
  initial: { BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Hdd" },
  refuse: ({ body: { Boot } }) =>
    Boot !== undefined && Boot.BootSourceOverrideTarget === undefined && Boot.BootSourceOverrideMode === undefined
      ? {
          status: 400,
          body: {
            error: {
              code: "Base.1.0.GeneralError",
              message: "Missing the BootSourceOverrideTarget and/or BootSourceOverrideMode and/or HttpBootUri element",
            },
          },
        }
      : undefined,
  accept: (boot) => ({ ...boot, BootSourceOverrideEnabled: "Continuous" }),
  identity: { vendor: "Sushy Emulator", serial: "emulated-1" },
  usual: "disk",
};
