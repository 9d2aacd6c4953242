/** Where a system comes from: a flake and the inputs that are replaced by local directories. */
export interface SystemSource {
  /** Absolute path of a directory, or any flake reference. */
  flake: string;
  /** Flake input name → absolute path or flake reference. */
  inputs: Record<string, string>;
}

/** The two store paths that make a node, with the size of what has to travel. */
export interface BuiltSystem {
  /** `…-nixos-system-<node>`: what `/run/current-system` points to once it runs. */
  toplevel: string;
  /** Partitions, formats and mounts the declared disk. */
  diskoScript: string;
  /** NAR bytes of the toplevel's closure. */
  closureBytes: number;
}

/** Kernel and initrd of a netboot image in the store, with their digests. */
export interface BuiltImage {
  /** Directory with the files named below. */
  path: string;
  arch: "x86_64" | "aarch64";
  kernel: { file: string; size: number; sha256: string };
  initrd: { file: string; size: number; sha256: string };
  /** Kernel command line without the node-specific part. */
  cmdline: string;
}
