import { type HostTarget, isLocal, type SshTarget } from "./target.js";

/** What tells hosts apart: two racks' hosts may have the same address behind different jump hosts. */
export function placeOf(target: HostTarget): string {
  if (isLocal(target)) return "this machine";
  const own = addressOf(target);
  return target.jump === undefined ? own : `${own} via ${placeOf(target.jump)}`;
}

export const portOf = (target: SshTarget): number => target.port ?? 22;
export const userOf = (target: SshTarget): string => target.user ?? "root";
export const addressOf = (target: SshTarget): string => `${userOf(target)}@${target.host}:${portOf(target)}`;
