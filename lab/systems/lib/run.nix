# run { name, script, … }: a derivation that runs a bash script with busybox' programs. Further attributes are its environment.
{ blobs }:
{ name, script, ... }@attributes:
derivation (attributes // {
  system = "x86_64-linux";
  builder = blobs.bash;
  inherit (blobs) busybox;
  # busybox looks at the name it is called by, and a store path's name begins with a hash
  args = [
    "-euc"
    ''
      (exec -a mkdir "$busybox" -p "$NIX_BUILD_TOP/bin")
      (exec -a busybox "$busybox" --install -s "$NIX_BUILD_TOP/bin")
      export PATH="$NIX_BUILD_TOP/bin"
      ${script}
    ''
  ];
})
