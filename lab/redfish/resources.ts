import { collection, link, type Resource } from "./answers.js";
import { BOOT_SOURCES, type Inventory, type PowerState } from "./backend.js";
import type { OverrideState } from "./boot-override.js";
import { RESET_TYPES } from "./reset.js";

export const ROOT = "/redfish/v1";
export const SYSTEM = `${ROOT}/Systems/1`;
const SECURE_BOOT = `${SYSTEM}/SecureBoot`;
export const RESET_ACTION = `${SYSTEM}/Actions/ComputerSystem.Reset`;
export const SESSIONS = `${ROOT}/SessionService/Sessions`;
export const MANAGER = `${ROOT}/Managers/1`;

/** Everything that a BMC's resources show, at one moment. */
export interface BmcView {
  name: string;
  inventory: Inventory;
  power: PowerState;
  override: OverrideState;
  /** What `BootSourceOverrideEnabled` may be set to. */
  durations: readonly OverrideState["enabled"][];
  assetTag: string;
  sessionIds: readonly string[];
  taskPaths: readonly string[];
  /** False: the service root names no session service. */
  sessions: boolean;
  /** False: its cards are shown without a link. */
  link: boolean;
}

const OK = { State: "Enabled", Health: "OK" };
const CHASSIS = `${ROOT}/Chassis/1`;

/** The resource at a path, or undefined. Tasks and single sessions are looked up by their owners. */
export function resourceAt(path: string, view: BmcView): Resource | undefined {
  const nic = path.match(new RegExp(`^${SYSTEM}/EthernetInterfaces/(\\d+)$`))?.[1];
  if (nic !== undefined) return ethernetInterface(Number(nic), view);
  return TREE[path]?.(view);
}

const TREE: Record<string, (view: BmcView) => Resource | undefined> = {
  "/redfish": () => ({ v1: `${ROOT}/` }),
  [ROOT]: serviceRoot,
  [`${ROOT}/odata`]: () => ({
    "@odata.context": `${ROOT}/$metadata`,
    value: ["Systems", "Chassis", "Managers"].map((name) => ({ name, kind: "Singleton", url: `${ROOT}/${name}` })),
  }),
  [`${ROOT}/Systems`]: () => collection(`${ROOT}/Systems`, "ComputerSystem", [SYSTEM]),
  [SYSTEM]: computerSystem,
  [`${SYSTEM}/EthernetInterfaces`]: ({ inventory }) =>
    collection(
      `${SYSTEM}/EthernetInterfaces`,
      "EthernetInterface",
      inventory.macs.map((_, index) => `${SYSTEM}/EthernetInterfaces/${index + 1}`),
    ),
  [SECURE_BOOT]: secureBoot,
  [`${ROOT}/Chassis`]: () => collection(`${ROOT}/Chassis`, "Chassis", [CHASSIS]),
  [CHASSIS]: chassis,
  [`${ROOT}/Managers`]: () => collection(`${ROOT}/Managers`, "Manager", [MANAGER]),
  [MANAGER]: manager,
  [`${ROOT}/SessionService`]: ({ sessions }) =>
    sessions
      ? {
          "@odata.id": `${ROOT}/SessionService`,
          "@odata.type": "#SessionService.v1_1_8.SessionService",
          Id: "SessionService",
          Name: "Session Service",
          ServiceEnabled: true,
          SessionTimeout: 600,
          Sessions: link(SESSIONS),
        }
      : undefined,
  [SESSIONS]: ({ sessions, sessionIds }) =>
    sessions
      ? collection(
          SESSIONS,
          "Session",
          sessionIds.map((id) => `${SESSIONS}/${id}`),
        )
      : undefined,
  [`${ROOT}/TaskService`]: () => ({
    "@odata.id": `${ROOT}/TaskService`,
    "@odata.type": "#TaskService.v1_2_0.TaskService",
    Id: "TaskService",
    Name: "Task Service",
    ServiceEnabled: true,
    Tasks: link(`${ROOT}/TaskService/Tasks`),
  }),
  [`${ROOT}/TaskService/Tasks`]: ({ taskPaths }) => collection(`${ROOT}/TaskService/Tasks`, "Task", taskPaths),
};

function serviceRoot({ inventory, sessions }: BmcView): Resource {
  return {
    "@odata.id": `${ROOT}/`,
    "@odata.type": "#ServiceRoot.v1_9_0.ServiceRoot",
    Id: "RootService",
    Name: "Root Service",
    RedfishVersion: "1.11.0",
    UUID: inventory.uuid,
    Vendor: "Flint Lab",
    Product: "Virtual rack BMC",
    Systems: link(`${ROOT}/Systems`),
    Chassis: link(`${ROOT}/Chassis`),
    Managers: link(`${ROOT}/Managers`),
    Tasks: link(`${ROOT}/TaskService`),
    ...(sessions
      ? { SessionService: link(`${ROOT}/SessionService`), Links: { Sessions: link(SESSIONS) } }
      : { Links: {} }),
  };
}

function computerSystem({ name, inventory, power, override, durations, assetTag }: BmcView): Resource {
  return {
    "@odata.id": SYSTEM,
    "@odata.type": "#ComputerSystem.v1_13_0.ComputerSystem",
    Id: "1",
    Name: name,
    SystemType: "Physical",
    Manufacturer: "Flint Lab",
    Model: inventory.model,
    SerialNumber: inventory.serial,
    UUID: inventory.uuid,
    AssetTag: assetTag,
    PowerState: power,
    Status: { ...OK, HealthRollup: "OK" },
    Boot: {
      BootSourceOverrideEnabled: override.enabled,
      "BootSourceOverrideEnabled@Redfish.AllowableValues": durations,
      BootSourceOverrideTarget: override.target,
      "BootSourceOverrideTarget@Redfish.AllowableValues": BOOT_SOURCES,
      BootSourceOverrideMode: override.mode,
      "BootSourceOverrideMode@Redfish.AllowableValues": [inventory.mode],
    },
    ProcessorSummary: { Count: inventory.cpus, Status: OK },
    MemorySummary: { TotalSystemMemoryGiB: inventory.memoryGiB, Status: OK },
    EthernetInterfaces: link(`${SYSTEM}/EthernetInterfaces`),
    ...(inventory.secureBoot === undefined ? {} : { SecureBoot: link(SECURE_BOOT) }),
    Links: { Chassis: [link(CHASSIS)], ManagedBy: [link(MANAGER)] },
    Actions: {
      "#ComputerSystem.Reset": { target: RESET_ACTION, "ResetType@Redfish.AllowableValues": RESET_TYPES },
    },
  };
}

function secureBoot({ inventory: { secureBoot: on } }: BmcView): Resource | undefined {
  if (on === undefined) return undefined;
  return {
    "@odata.id": SECURE_BOOT,
    "@odata.type": "#SecureBoot.v1_1_0.SecureBoot",
    Id: "SecureBoot",
    Name: "UEFI Secure Boot",
    SecureBootEnable: on,
    SecureBootCurrentBoot: on ? "Enabled" : "Disabled",
    SecureBootMode: on ? "UserMode" : "SetupMode",
  };
}

function ethernetInterface(number: number, { inventory, power, link }: BmcView): Resource | undefined {
  const mac = inventory.macs[number - 1];
  if (mac === undefined) return undefined;
  return {
    "@odata.id": `${SYSTEM}/EthernetInterfaces/${number}`,
    "@odata.type": "#EthernetInterface.v1_6_0.EthernetInterface",
    Id: String(number),
    Name: `Ethernet Interface ${number}`,
    MACAddress: mac,
    PermanentMACAddress: mac,
    SpeedMbps: 1000,
    LinkStatus: power === "On" && link ? "LinkUp" : "LinkDown",
    Status: OK,
  };
}

function chassis({ inventory, power }: BmcView): Resource {
  return {
    "@odata.id": CHASSIS,
    "@odata.type": "#Chassis.v1_14_0.Chassis",
    Id: "1",
    Name: "Chassis",
    ChassisType: "RackMount",
    Manufacturer: "Flint Lab",
    SerialNumber: inventory.serial,
    PowerState: power,
    Status: OK,
    Links: { ComputerSystems: [link(SYSTEM)], ManagedBy: [link(MANAGER)] },
  };
}

function manager({ inventory }: BmcView): Resource {
  return {
    "@odata.id": MANAGER,
    "@odata.type": "#Manager.v1_10_0.Manager",
    Id: "1",
    Name: "BMC",
    ManagerType: "BMC",
    FirmwareVersion: "1.0",
    UUID: inventory.uuid,
    PowerState: "On",
    Status: OK,
    Links: { ManagerForServers: [link(SYSTEM)] },
    Actions: {
      "#Manager.Reset": {
        target: `${MANAGER}/Actions/Manager.Reset`,
        "ResetType@Redfish.AllowableValues": ["GracefulRestart", "ForceRestart"],
      },
    },
  };
}
