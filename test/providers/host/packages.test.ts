// limit: 840 s
import assert from "node:assert/strict";
import { renderPrepare, renderUnprepare } from "../../../components/cluster/render-host-script.js";
import { NIXOS_CONFIGURATION } from "../../../providers/pxe-server/distribution.js";
import { RealHost, SERVER } from "./bench.js";
import { takePackagesAway } from "./package-source.js";

/** What systems say of themselves in os-release(5). */
const UBUNTU = `PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n`;
const ALPINE = `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n`;
const NIXOS = `ID=nixos\nID_LIKE=""\nNAME=NixOS\nPRETTY_NAME="NixOS 25.05 (Warbler)"\n`;

describe("a provisioning host that lacks what Flint's servers need", function () {
  this.timeout(120_000);
  this.bail(true);
  const host = new RealHost();
  let untouched = "";

  const prepare = (cluster = "hosttest") => host.onHost(renderPrepare(cluster));
  const undo = (cluster = "hosttest") => host.onHost(renderUnprepare(cluster));
  const packages = async () =>
    (await host.onHost(`dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n'`)).split("\n");
  /** Packages, files and units that a preparation could leave. */
  const traces = () =>
    host.onHost(
      "dpkg-query -W; find /etc /usr /srv /var/lib/flint /var/lib/nginx /var/log/nginx /var/lib/misc /var/www -xdev -not -type d 2>/dev/null | grep -v -e '^/etc/ld.so.cache' -e '^/var/lib/misc/' -e __pycache__; getent passwd; systemctl list-unit-files --no-legend | grep -v transient",
    );
  const is = async (release: string) => {
    await host.onHost(`umount "$(readlink -f /etc/os-release)" 2>/dev/null
      cat >/run/release <<'END'\n${release}END
      mount --bind /run/release "$(readlink -f /etc/os-release)"`);
  };

  before(async function () {
    this.timeout(600_000); // the host's root is built once per machine
    if (!(await host.up())) return this.skip();
    await takePackagesAway(host);
    untouched = await traces();
  });
  after(async function () {
    this.timeout(120_000);
    await host.down();
  });

  it("is refused by the servers, which say what is missing and how it comes", async () => {
    const { error } = await host.drive("pxe", "create", SERVER);
    assert.match(
      error ?? "",
      /but found dnsmasq, nginx, \/usr\/lib\/ipxe\/undionly\.kpxe, .* missing on Debian GNU\/Linux 12 \(bookworm\)\. Let Flint install them \(pxe\.prepare: true\), or run `apt-get install dnsmasq-base nginx-light ipxe curl iproute2` there\. \[PXE_HOST_INCOMPLETE\]$/,
    );
  });

  for (const [name, release, lines] of [
    [
      "Alpine",
      ALPINE,
      [
        "preparation: dnsmasq-base nginx-light ipxe missing on Alpine Linux v3.20. Flint installs packages on Debian and Ubuntu only.",
        "Install dnsmasq, nginx, curl and iPXE's boot files there, and set pxe.prepare: false.",
      ],
    ],
    [
      "NixOS",
      NIXOS,
      [
        "preparation: nothing can be installed on NixOS 25.05 (Warbler) from outside. Put this into its configuration and switch it:",
        NIXOS_CONFIGURATION,
      ],
    ],
  ] as const)
    it(`is told what to do where it is ${name}, and nothing is changed there`, async () => {
      await is(release);
      await assert.rejects(prepare(), { exitCode: 1, stderr: lines.join("\n") });
      await host.onHost('umount "$(readlink -f /etc/os-release)"');
      assert.equal(await traces(), untouched);
    });

  it("is told what apt said where it cannot install, and nothing is left of the attempt", async () => {
    await host.onHost("mv /srv/packages/ipxe.deb /srv/packages/aside");
    await assert.rejects(prepare(), (error: { stderr?: string }) => {
      assert.match(
        error.stderr ?? "",
        /ipxe\.deb.*\npreparation: apt-get could not install dnsmasq-base nginx-light ipxe\. Install them by hand, or set pxe\.prepare: false\.$/s,
      );
      return true;
    });
    await host.onHost("mv /srv/packages/aside /srv/packages/ipxe.deb");
    assert.equal(await traces(), untouched);
  });

  it("gets the packages, once another apt has ended; none of their services is started", async () => {
    // As unattended upgrades do: both locks are held.
    await host.onHost(`cat >/run/upgrade.pl <<'END'
use Fcntl; my @held;
for my $path ("/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend") {
  open(my $file, "+>>", $path) or die; push @held, $file;
  my $lock = pack("s s x![q] q q i x4", F_WRLCK, 0, 0, 0, 0);
  fcntl($file, F_SETLK, $lock) or die "$path: $!";
}
open(my $ready, ">", "/run/upgrade.ready"); close $ready; sleep 4;
END
systemd-run --quiet --collect --unit=upgrade perl /run/upgrade.pl
until [ -e /run/upgrade.ready ]; do systemctl is-active --quiet upgrade || exit 9; sleep 0.1; done`);
    assert.equal(await prepare(), "installing: dnsmasq-base nginx-light ipxe\nready");
    const all = await packages();
    for (const name of ["dnsmasq-base", "nginx-light", "ipxe"]) assert.ok(all.includes(`ii  ${name}`), name);
    const services = "systemctl is-active nginx dnsmasq; systemctl is-enabled nginx; ls /usr/sbin/policy-rc.d 2>&1";
    assert.equal(
      await host.onHost(`${services} | cat; true`),
      "inactive\ninactive\ndisabled\nls: cannot access '/usr/sbin/policy-rc.d': No such file or directory",
    );
    assert.equal(await host.onHost("ss -Hlntu | grep -v ':22 '; true"), "");
  });

  it("serves then, and a second cluster on it installs nothing more", async () => {
    const { error, outs } = await host.drive("pxe", "create", SERVER);
    assert.deepEqual([error, outs?.drift], [undefined, []]);
    assert.equal(await prepare("second"), "ready");
    assert.deepEqual(await host.drive("pxe", "delete", SERVER), {});
    await undo();
    assert.ok((await packages()).includes("ii  nginx-light"), "the second cluster needs it still");
  });

  it("loses with the last cluster what Flint installed, and keeps what it had", async () => {
    assert.ok((await packages()).includes("ii  curl"));
    await undo("second");
    assert.equal(await traces(), untouched);
  });

  it("is prepared the same way where it is Ubuntu; what its administrator's package needs by then stays", async () => {
    await is(UBUNTU);
    assert.equal(await prepare(), "installing: dnsmasq-base nginx-light ipxe\nready");
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
    await host.onHost("apt-get -qq -y --no-install-recommends install dnsmasq >/dev/null 2>&1; systemctl stop dnsmasq");
    assert.deepEqual(await host.drive("pxe", "delete", SERVER), {});
    await undo();
    const all = await packages();
    assert.ok(all.includes("ii  dnsmasq") && all.includes("ii  dnsmasq-base"), all.join());
    assert.deepEqual(
      all.filter((line) => /nginx|ipxe/.test(line)),
      [],
    );
    assert.equal(await host.onHost("ls -d /var/lib/flint 2>/dev/null; true"), "");
    await host.onHost(
      'apt-get -qq -y --auto-remove purge dnsmasq >/dev/null 2>&1; umount "$(readlink -f /etc/os-release)"',
    );
  });
});
