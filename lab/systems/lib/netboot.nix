# The installer as a netboot image: bzImage, initrd, and a manifest with their sizes, checksums and command line.
{ blobs, run, profile }:
let
  file = name: blob: { file = name; inherit (blob) size sha256; };
in
run {
  name = "netboot-${profile}";
  inherit (blobs) kernel installer;
  manifest = builtins.toJSON {
    version = 1;
    arch = "x86_64";
    kernel = file "bzImage" blobs.kernel;
    initrd = file "initrd" blobs.installer;
    cmdline = "console=tty0 console=ttyS0,115200 net.ifnames=0 quiet mitigations=off audit=0 random.trust_cpu=on flint.profile=${profile}";
  };
  script = ''
    mkdir -p "$out"
    ln -s "$kernel" "$out/bzImage"
    ln -s "$installer" "$out/initrd"
    printf '%s\n' "$manifest" > "$out/manifest.json"
  '';
}
