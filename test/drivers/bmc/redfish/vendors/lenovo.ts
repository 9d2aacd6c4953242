import { extended, type Vendor } from "./vendor.js";

/** XClarity Controller. The ETag is a member of the resource; a change without it is refused. */
export const lenovo: Vendor = {
  name: "Lenovo XCC",
  sources: [
    "https://pubs.lenovo.com/xcc-restapi/server_prop_get",
    "https://pubs.lenovo.com/xcc-restapi/update_next_onetime_bootconfig_patch",
    "https://github.com/lenovo/python-redfish-lenovo/blob/master/examples/set_server_boot_once.py",
  ],
  system: "/redfish/v1/Systems/1",
  payload: {
    "@odata.type": "#ComputerSystem.v1_8_0.ComputerSystem",
    Manufacturer: "Lenovo",
    Model: "7X06CTO1WW",
    SKU: "7X06CTO1WW",
    SerialNumber: "J300ABCD",
  },
  boot: {
    BootOrderPropertySelection: "BootOrder",
    UefiTargetBootSourceOverride: null,
    "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup", "Diags"],
  },
  reset: {
    "ResetType@Redfish.AllowableValues": [
      ...["On", "Nmi", "GracefulShutdown", "GracefulRestart", "ForceOn", "ForceOff", "ForceRestart"],
    ],
  },
  etags: "body",
  refuse: ({ method, headers }, { etag }) =>
    method === "PATCH" && headers["if-match"] !== etag
      ? extended(412, "Base.1.6.GeneralError", "Base.1.6.PreconditionFailed", "The ETag supplied did not match.")
      : undefined,
  accepted: { status: 200, body: {} },
  identity: { vendor: "Lenovo", serial: "J300ABCD" },
  devices: ["pxe", "disk"],
};
