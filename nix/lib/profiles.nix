# What a node is for, by profile: which services run on it and whether it has a vote in the raft groups. The one table for
# installed systems and for netboot images.
{
  control-plane = {
    description = "Chainfire, FlareDB and IAM with a vote in both raft groups, and PlasmaVMC";
    services = [ "chainfire" "flaredb" "iam" "plasmavmc" ];
    voter = true;
  };
  all-in-one = {
    description = "as control-plane, and workloads run here too";
    services = [ "chainfire" "flaredb" "iam" "plasmavmc" ];
    voter = true;
  };
  worker = {
    description = "PlasmaVMC only: runs workloads, has no vote";
    services = [ "plasmavmc" ];
    voter = false;
  };
}
