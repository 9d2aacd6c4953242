import type { RealHost } from "./bench.js";

/**
 * Makes packages again out of what is installed: same files, same control file, same maintainer scripts. Arguments are their names;
 * they are put into /srv/packages, which becomes apt's only source.
 */
const REPACK = `set -eu
export LC_ALL=C
source=/srv/packages
mkdir -p "$source"
for package in "$@"; do
  tree=$(mktemp -d)
  chmod 0755 "$tree"
  dpkg-query -L "$package" | while read -r path; do
    case $path in /bin | /lib | /lib64 | /sbin) continue ;; esac # links to the same below /usr
    if [ -d "$path" ] && [ ! -L "$path" ]; then mkdir -p "$tree$path"
    elif [ -e "$path" ] || [ -L "$path" ]; then mkdir -p "$tree$(dirname "$path")"; cp -a "$path" "$tree$path"; fi
  done
  mkdir "$tree/DEBIAN"
  # Status and the digests of configuration files are the installation's, not the package's.
  dpkg-query -s "$package" | awk '/^[^ ]/ { skip = /^(Status|Conffiles|Config-Version):/ } !skip' >"$tree/DEBIAN/control"
  for file in /var/lib/dpkg/info/"$package".* /var/lib/dpkg/info/"$package":*.*; do
    case \${file##*.} in
      preinst | postinst | prerm | postrm | conffiles | triggers | shlibs) cp "$file" "$tree/DEBIAN/\${file##*.}" ;;
    esac
  done
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$tree" "$source/$package.deb" >/dev/null
  rm -rf "$tree"
  dpkg-deb -f "$source/$package.deb" >>"$source/Packages"
  printf 'Filename: ./%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$package" "$(stat -c %s "$source/$package.deb")" \\
    "$(sha256sum <"$source/$package.deb" | cut -d ' ' -f 1)" >>"$source/Packages"
done
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list
`;

/** What Flint's preparation installs, with all that comes along; and the package that many hosts have beside it. */
const PACKAGES = ["dnsmasq-base", "nginx-light", "ipxe"];
const OTHERS = ["dnsmasq"];

/** Takes away what Flint's servers need, as on a host that never had it; apt can install it from then on, without any network. */
export async function takePackagesAway(host: RealHost): Promise<void> {
  const purge = `apt-get -s --auto-remove purge ${[...PACKAGES, ...OTHERS].join(" ")}`;
  const gone = await host.onHost(`LC_ALL=C ${purge} | sed -n 's/^Purg \\([^ ]*\\).*/\\1/p'`);
  const names = gone.split("\n");
  await host.onHost(`sh -s -- ${names.join(" ")} <<'END'\n${REPACK}END`);
  await host.onHost(`DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge ${names.join(" ")} >/dev/null 2>&1`);
}
