import { extended, type Vendor } from "./vendor.js";

/** iRMC S5: changes take the ETag of what they change. */
export const fujitsu: Vendor = {
  name: "Fujitsu iRMC S5",
  sources: [
    "https://github.com/fujitsu/terraform-provider-irmc-redfish/blob/main/internal/provider/resource_boot_source_override.go",
    "https://github.com/fujitsu/terraform-provider-irmc-redfish/blob/main/docs/resources/boot_source_override.md",
  ],
  system: "/redfish/v1/Systems/0",
  payload: {
    Manufacturer: "FUJITSU",
    Model: "PRIMERGY RX2530 M5",
    SerialNumber: "MABC012345",
  },
  boot: { "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd", "Hdd", "BiosSetup"] },
  reset: {
    "ResetType@Redfish.AllowableValues": [
      ...[
        "On",
        "ForceOff",
        "GracefulShutdown",
        "GracefulRestart",
        "ForceRestart",
        "Nmi",
        "PowerCycle",
        "PushPowerButton",
      ],
    ],
  },
  etags: "header",
  refuse: ({ method, headers }, { etag }) =>
    method === "PATCH" && headers["if-match"] !== etag
      ? extended(412, "Base.1.2.PreconditionFailed", "Base.1.2.PreconditionFailed")
      : undefined,
  accepted: { status: 200, body: {} },
  identity: { vendor: "FUJITSU", serial: "MABC012345" },
  devices: ["pxe", "disk"],
};
