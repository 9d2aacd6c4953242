# IPv4 arithmetic in pure builtins.
let
  inherit (builtins) bitAnd concatStringsSep filter foldl' fromJSON genList isString map split;
  octets = address: map fromJSON (filter isString (split "\\." address));
  number = address: foldl' (sum: octet: sum * 256 + octet) 0 (octets address);
  power = n: foldl' (product: _: product * 2) 1 (genList (i: i) n);
  dotted = n: concatStringsSep "." (map (shift: toString (bitAnd (n / power shift) 255)) [ 24 16 8 0 ]);
in
{
  # "10.0.200.13" 24 → "10.0.200.0/24"
  networkOf = address: prefixLength:
    let size = power (32 - prefixLength); in
    "${dotted (number address / size * size)}/${toString prefixLength}";
}
