import { z } from "zod";
import { message } from "./messages.js";

/** The parts of Redfish resources that the driver reads. Vendors add and omit fields: everything else is ignored. */
export const link = z.looseObject({ "@odata.id": z.string() });

export const serviceRoot = z.looseObject({
  Systems: link,
  SessionService: link.optional(),
  Links: z.looseObject({ Sessions: link.optional() }).optional(),
});

export const collection = z.looseObject({ Members: z.array(link) });

const values = z.array(z.string()).optional();
const nullable = z.string().nullish();

export const computerSystem = z.looseObject({
  "@odata.etag": z.string().optional(),
  "@Redfish.Settings": z.looseObject({ SettingsObject: link.optional() }).optional(),
  Manufacturer: nullable,
  Model: nullable,
  SerialNumber: nullable,
  SKU: nullable,
  UUID: nullable,
  PowerState: nullable,
  MemorySummary: z.looseObject({ TotalSystemMemoryGiB: z.number().nullish() }).nullish(),
  Boot: z
    .looseObject({
      BootSourceOverrideEnabled: nullable,
      "BootSourceOverrideEnabled@Redfish.AllowableValues": values,
      BootSourceOverrideTarget: nullable,
      "BootSourceOverrideTarget@Redfish.AllowableValues": values,
      BootSourceOverrideMode: nullable,
      "BootSourceOverrideMode@Redfish.AllowableValues": values,
      HttpBootUri: nullable,
    })
    .optional(),
  EthernetInterfaces: link.optional(),
  SecureBoot: link.optional(),
  Actions: z
    .looseObject({
      "#ComputerSystem.Reset": z
        .looseObject({
          target: z.string(),
          "ResetType@Redfish.AllowableValues": values,
          "@Redfish.ActionInfo": z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});
export type ComputerSystem = z.infer<typeof computerSystem>;

export const actionInfo = z.looseObject({
  Parameters: z.array(z.looseObject({ Name: z.string(), AllowableValues: values })).optional(),
});

export const secureBoot = z.looseObject({ SecureBootCurrentBoot: nullable, SecureBootEnable: z.boolean().nullish() });

export const ethernetInterface = z.looseObject({
  MACAddress: nullable,
  PermanentMACAddress: nullable,
  LinkStatus: nullable,
});

export const task = z.looseObject({
  "@odata.id": z.string().optional(),
  TaskState: z.string(),
  Messages: z.array(message).optional(),
});
