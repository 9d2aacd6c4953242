import { extended, type Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/System.Embedded.1";

/** iDRAC 9. Its settings resource is for the boot order; the override is refused there. */
export const dell: Vendor = {
  name: "Dell iDRAC 9",
  sources: [
    "https://github.com/bmc-toolbox/bmclib/blob/main/internal/redfishwrapper/fixtures/dell/system.embedded.1.json",
    "https://github.com/dsx-ai-factory/libredfish/pull/75",
  ],
  system: SYSTEM,
  payload: {
    "@odata.type": "#ComputerSystem.v1_12_0.ComputerSystem",
    "@Redfish.Settings": { SettingsObject: { "@odata.id": `${SYSTEM}/Settings` } },
    Manufacturer: "Dell Inc.",
    Model: "PowerEdge R6515",
    SKU: "1ABCD53",
    SerialNumber: "CNCMU0012345AB",
  },
  boot: {
    BootOptions: { "@odata.id": `${SYSTEM}/BootOptions` },
    BootOrder: ["NIC.Slot.3-1-1", "HardDisk.List.1-1"],
    UefiTargetBootSourceOverride: null,
    "BootSourceOverrideTarget@Redfish.AllowableValues": [
      ...["None", "Pxe", "Floppy", "Cd", "Hdd", "BiosSetup", "Utilities", "UefiTarget", "SDCard", "UefiHttp"],
    ],
  },
  reset: {
    "ResetType@Redfish.AllowableValues": [
      ...[
        "On",
        "ForceOff",
        "ForceRestart",
        "GracefulRestart",
        "GracefulShutdown",
        "PushPowerButton",
        "Nmi",
        "PowerCycle",
      ],
    ],
  },
  resources: { [`${SYSTEM}/Settings`]: { Boot: { BootOrder: ["NIC.Slot.3-1-1"], BootSourceOverrideMode: "UEFI" } } },
  etags: "none",
  refuse: ({ path }) =>
    path === `${SYSTEM}/Settings`
      ? extended(400, "Base.1.12.GeneralError", "IDRAC.2.8.SYS410", "Unable to modify the attribute.")
      : undefined,
  accepted: { status: 200, body: { "@Message.ExtendedInfo": [{ MessageId: "Base.1.12.Success" }] } },
  identity: { vendor: "Dell Inc.", serial: "1ABCD53" },
};
