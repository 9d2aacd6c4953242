import { fruData } from "./fru.js";

/** What OpenIPMI's ipmi_sim is told of one machine's BMC. */
export interface IpmiBmc {
  name: string;
  /** Where it listens. */
  host: string;
  port: number;
  /** At most 16 bytes each: ipmi_sim reads no more. */
  username: string;
  password: string;
  /** The GUID: 32 hex digits. Without one, ipmi_sim speaks IPMI 1.5 only. */
  guid: string;
  /** Command line that is called with `get` and `set` of power, boot source and so on. */
  chassis: string;
  /** The product, as FRU data. Default: none. */
  product?: { vendor: string; model: string; serial: string };
}

/** See ipmi_lan(5). */
export function renderLan({ name, host, port, username, password, guid, chassis }: IpmiBmc): string {
  const levels = ["callback", "user", "operator", "admin"].map(
    (level) => `    allowed_auths_${level} none md2 md5 straight`,
  );
  return [
    `name ${quoted(name)}`,
    "set_working_mc 0x20",
    "  startlan 1",
    `    addr ${host} ${port}`,
    "    priv_limit admin",
    ...levels,
    `    guid ${guid}`,
    "  endlan",
    `  chassis_control ${quoted(chassis)}`,
    `  user 2 true ${quoted(username)} ${quoted(password)} admin 10 none md2 md5 straight`,
    "",
  ].join("\n");
}

/** ipmi_sim knows no way to write a quote. */
function quoted(text: string): string {
  if (/["\r\n]/.test(text)) throw new TypeError(`ipmi_sim's configuration cannot hold ${JSON.stringify(text)}`);
  return `"${text}"`;
}

/** See ipmi_sim_cmd(5). 0x9f: a chassis device, and what a BMC always is. */
export function renderEmulation({ product }: Pick<IpmiBmc, "product">): string {
  const data = product === undefined ? undefined : fruData(product);
  const bytes = [...(data ?? [])].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(" ");
  return [
    "mc_setbmc 0x20",
    "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02",
    ...(data === undefined ? [] : [`mc_add_fru_data 0x20 0 ${data.length} data ${bytes}`]),
    "mc_enable 0x20",
    "",
  ].join("\n");
}
