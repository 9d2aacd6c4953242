import { copies, digest, type Observation, optionalCopies, sourceOf } from "./plan.js";
import { ARM64, BOOT_FILES, HTTP_BOOT } from "./render/boot-files.js";
import { renderAutoexec, renderBootIpxe } from "./render/boot-ipxe.js";
import { type PxeInputs, rootOf } from "./schema.js";

/** A file that machines are told to load, and what must come when one asks for it. */
export interface Advertised {
  url: string;
  sha256: string;
}

/** A file in whose place something else came, or nothing. */
export interface Otherwise {
  url: string;
  /** What came, in words. */
  found: string;
  /** Of what came, if a whole file did. */
  sha256?: string;
}

/** Every file that a machine is told to load, by the way it will load it. */
export function advertised(want: PxeInputs, seen: Observation): Advertised[] {
  const root = rootOf(want.cluster);
  const source = (to: string) => {
    const copy = copies(want.cluster).find((each) => each.to === to);
    return seen.files.get((copy && sourceOf(copy, seen)) ?? "") ?? "";
  };
  const tftp = [...new Set(BOOT_FILES.map(({ file }) => file as string))];
  return [
    { url: `${want.httpUrl}/boot.ipxe`, sha256: digest(renderBootIpxe(want)) },
    { url: `${want.httpUrl}${HTTP_BOOT.path}`, sha256: source(`${root}/http${HTTP_BOOT.path}`) },
    ...tftp.map((file) => ({ url: `tftp://${want.address}/${file}`, sha256: source(`${root}/tftp/${file}`) })),
    ...optionalCopies(want.cluster).flatMap((copy) => {
      const sha256 = seen.files.get(sourceOf(copy, seen) ?? "");
      if (sha256 === undefined) return [];
      const path = copy.to.startsWith(`${root}/tftp/`) ? `tftp://${want.address}` : `${want.httpUrl}/boot`;
      return [{ url: `${path}/${ARM64.file}`, sha256 }];
    }),
    { url: `tftp://${want.address}/autoexec.ipxe`, sha256: digest(renderAutoexec(want)) },
  ];
}
