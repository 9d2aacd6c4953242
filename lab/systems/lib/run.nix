# run { name, script, … }: a derivation that runs a bash script with busybox' programs. Further attributes are its environment.
{ blobs }:
let
  builder = {
    system = "x86_64-linux";
    builder = blobs.bash;
  };
  # One link for each program: made once, as it takes longer than most of what is built with them.
  programs = derivation (builder // {
    name = "programs";
    inherit (blobs) busybox;
    # busybox looks at the name it is called by, and a store path's name begins with a hash
    args = [
      "-euc"
      ''
        (exec -a mkdir "$busybox" -p "$out/bin")
        (exec -a busybox "$busybox" --install -s "$out/bin")
      ''
    ];
  });
in
{ name, script, ... }@attributes:
derivation (builder // attributes // {
  inherit programs;
  args = [
    "-euc"
    ''
      export PATH="$programs/bin"
      ${script}
    ''
  ];
})
