import { type Change, extended, type MachineState, type Reply, type Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/Self";
const SETTINGS = `${SYSTEM}/SD`;

function refuse({ method, path, headers }: Change, { etag }: MachineState): Reply | undefined {
  if (method !== "PATCH") return undefined;
  const refusal = (status: number, key: string, text: string) =>
    extended(status, `Ami.1.0.${key}`, `Ami.1.0.${key}`, text);
  if (path !== SETTINGS)
    return refusal(400, "OperationSupportedInFutureStateURI", `Support of this Operation is moved to ${SETTINGS}`);
  if (headers["if-match"] === undefined)
    return refusal(428, "PreconditionHeaderMissing", "The request did not provide the required precondition.");
  return headers["if-match"] === etag || headers["if-match"] === "*" ? undefined : { status: 412 };
}

/** MegaRAC SP-X: the override is kept with the settings for the next boot, and changed with If-Match only. */
const megarac = {
  sources: [
    "https://github.com/DMTF/Redfish-Tacklebox/issues/144",
    "https://github.com/DMTF/Redfish-Tacklebox/issues/111",
    "https://github.com/stmcginnis/gofish/issues/171",
    "https://pubs.lenovo.com/tsm/patch_systems_instance_sd",
  ],
  system: SYSTEM,
  settings: SETTINGS,
  boot: {
    "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd", "Cd", "BiosSetup", "UefiHttp", "Usb"],
    "BootSourceOverrideMode@Redfish.AllowableValues": ["Legacy", "UEFI"],
  },
  reset: { "@Redfish.ActionInfo": `${SYSTEM}/ResetActionInfo` },
  resources: {
    [`${SYSTEM}/ResetActionInfo`]: {
      Parameters: [
        { Name: "ResetType", AllowableValues: ["ForceRestart", "On", "ForceOff", "GracefulShutdown", "ForceOn"] },
      ],
    },
  },
  etags: "weak",
} as const;

export const gigabyte: Vendor = {
  ...megarac,
  name: "Gigabyte (AMI MegaRAC)",
  payload: {
    "@Redfish.Settings": { SettingsObject: { "@odata.id": SETTINGS } },
    Manufacturer: "GIGABYTE",
    Model: "R282-Z93-00",
    SerialNumber: "GJG1A2B34A0012",
  },
  refuse,
  identity: { vendor: "GIGABYTE", serial: "GJG1A2B34A0012" },
};

export const asrock: Vendor = {
  ...megarac,
  name: "ASRock Rack (AMI MegaRAC)",
  sources: [
    ...megarac.sources,
    "https://opendev.org/openstack/ironic/src/branch/master/ironic/drivers/modules/redfish/management.py",
  ],
  payload: {
    "@Redfish.Settings": { SettingsObject: { "@odata.id": SETTINGS } },
    Manufacturer: "ASRockRack",
    Model: "1U2LW-X470",
    SerialNumber: "A0B1C2D3E4",
  },
  refuse(change, machine) {
    const { Boot } = change.body;
    const partial = Boot !== undefined && Boot.BootSourceOverrideMode === undefined;
    return (
      refuse(change, machine) ??
      (partial ? extended(400, "Base.1.5.GeneralError", "Base.1.5.PropertyMissing") : undefined)
    );
  },
  identity: { vendor: "ASRockRack", serial: "A0B1C2D3E4" },
};
