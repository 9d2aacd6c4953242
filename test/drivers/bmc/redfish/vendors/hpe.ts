import { extended, type Vendor } from "./vendor.js";

const SYSTEM = "/redfish/v1/Systems/1";

/** iLO 5 before 1.40: links with slashes at their ends, and redirections to them. */
export const hpe: Vendor = {
  name: "HPE iLO 5",
  sources: [
    "https://github.com/HewlettPackard/ilo-rest-api-docs/blob/master/source/includes/_ilo5_introduction.md",
    "https://github.com/HewlettPackard/ilo-rest-api-docs/blob/master/source/includes/_ilo5_adaptation.md",
    "https://github.com/ansible-collections/community.general/issues/3509",
    "https://github.com/ironcore-dev/metal-operator/issues/997",
  ],
  system: SYSTEM,
  slashes: true,
  payload: {
    "@odata.type": "#ComputerSystem.v1_4_0.ComputerSystem",
    Manufacturer: "HPE",
    Model: "ProLiant DL380 Gen10",
    SKU: "868703-B21",
    SerialNumber: "CZJ12345AB",
  },
  boot: {
    "BootSourceOverrideTarget@Redfish.AllowableValues": [
      ...["None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "BiosSetup", "Utilities", "Diags", "UefiTarget"],
      ...["SDCard", "UefiHttp"],
    ],
    UefiTargetBootSourceOverride: "None",
  },
  reset: {
    "ResetType@Redfish.AllowableValues": [
      ...["On", "ForceOff", "ForceRestart", "Nmi", "PushPowerButton", "GracefulRestart"],
    ],
  },
  etags: "weak",
  sessionLocation: (path) => `https://ilo-cz12345ab.example.com${path}/`,
  postMs: 120,
  refuse({ body: { Boot, ResetType } }, { inPost }) {
    const refusal = (key: string, ilo = "iLO.2.37") => extended(400, "iLO.0.10.ExtendedInfo", `${ilo}.${key}`);
    if (Boot !== undefined && inPost) return refusal("UnableToModifyDuringSystemPOST");
    if (Boot?.BootSourceOverrideMode !== undefined) return refusal("PropertyNotWritableOrUnknown");
    return ResetType !== undefined && inPost ? refusal("InvalidOperationForSystemState") : undefined;
  },
  accepted: {
    status: 200,
    body: {
      error: {
        code: "iLO.0.10.ExtendedInfo",
        message: "See @Message.ExtendedInfo for more information.",
        "@Message.ExtendedInfo": [{ MessageId: "Base.1.4.Success" }],
      },
    },
  },
  modes: ["uefi"],
  identity: { vendor: "HPE", serial: "CZJ12345AB" },
};
