// limit: 840 s
import assert from "node:assert/strict";
import { z } from "zod";
import {
  renderAsRoot,
  renderPrepare,
  renderThroughSudo,
  renderUnprepare,
} from "../../../components/cluster/render-host-script.js";
import { waitUntil } from "../../../foundation/wait.js";
import { type Access, RealHost, SERVER } from "./bench.js";
import { JumpHost } from "./jump-host.js";
import { RackStack } from "./rack-stack.js";

const WAYS: (Access & { called: string; jumps?: true })[] = [
  { called: "ssh through a jump host, from a network that does not reach it", by: "ssh", user: "root", jumps: true },
  { called: "ssh as an account with sudo", by: "ssh", user: "admin" },
  { called: "the machine itself, as root", by: "local", user: "root" },
  { called: "the machine itself, as an account with sudo", by: "local", user: "admin" },
];

describe("the ways to a provisioning host", function () {
  this.timeout(120_000);
  this.bail(true);
  const host = new RealHost();
  let jump: JumpHost | undefined;

  before(async function () {
    this.timeout(600_000); // the host's root is built once per machine
    if (!(await host.up())) return this.skip();
    await host.addAccount("admin", "ALL=(ALL) NOPASSWD: ALL");
  });
  after(async function () {
    this.timeout(120_000);
    await jump?.close();
    await host.down();
  });

  describe("an account that cannot become root", () => {
    const refused = (user: string, found: string) =>
      `preparation, provisioning host, account ${user}: expected sudo that runs commands as root without asking for a password ` +
      `but found ${found}. Allow it there in /etc/sudoers.d/flint: \`${user} ALL=(ALL) NOPASSWD: ALL\`, and ` +
      `\`Defaults:${user} !requiretty\` where it wants a terminal. Or use the account root. Nothing was changed. [HOST_SUDO]`;

    it("because sudo asks it for a password, is refused with what to allow", async () => {
      await host.addAccount("typist", "ALL=(ALL) ALL");
      const { error } = await host.drive("pxe", "create", SERVER, { by: "ssh", user: "typist" });
      assert.equal(error, refused("typist", "sudo: a password is required"));
    });

    it("because sudo wants a terminal, is refused with what to allow", async () => {
      await host.addAccount("teletype", "ALL=(ALL) NOPASSWD: ALL");
      await host.onHost("echo 'Defaults:teletype requiretty' >> /etc/sudoers.d/teletype");
      const { error } = await host.drive("pxe", "create", SERVER, { by: "ssh", user: "teletype" });
      assert.equal(error, refused("teletype", "sudo: sorry, you must have a tty to run sudo"));
    });

    it("because it may run one program only, is refused with what to allow", async () => {
      await host.addAccount("porter", "ALL=(ALL) NOPASSWD: /usr/bin/systemctl");
      const { error } = await host.drive("pxe", "create", SERVER, { by: "ssh", user: "porter" });
      assert.equal(error, refused("porter", "sudo: a password is required"));
    });

    it("because sudo asks it for a password, is refused on the machine itself as well", async () => {
      const { error } = await host.drive("pxe", "create", SERVER, { by: "local", user: "typist" });
      assert.equal(error, refused("typist", "sudo: a password is required"));
    });

    it("is told so by the preparation too", async () => {
      await assert.rejects(host.onHost(renderThroughSudo("typist", renderPrepare("hosttest")), "typist"), {
        exitCode: 1,
        stderr:
          "preparation: sudo: a password is required\n" +
          "Allow it there in /etc/sudoers.d/flint: `typist ALL=(ALL) NOPASSWD: ALL`, and " +
          "`Defaults:typist !requiretty` where it wants a terminal. Or use the account root. Nothing was changed.",
      });
      const here = host.onHost(renderAsRoot(renderPrepare("hosttest")), "typist");
      await assert.rejects(here, { stderr: /^preparation: sudo: a password is required\nAllow it there/ });
      assert.equal(await host.files(), "");
    });
  });

  it("an account with sudo prepares the host, and undoes it", async () => {
    const as = (script: string) => host.onHost(renderThroughSudo("admin", script), "admin");
    assert.equal(await as(renderPrepare("hosttest")), "ready");
    assert.equal(await host.onHost("stat -c '%U %a' /var/lib/flint/hosttest"), "root 755");
    await as(renderUnprepare("hosttest"));
    assert.equal(await host.files(), "");
  });

  it("the machine itself is prepared as root and as an account with sudo", async () => {
    const script = renderAsRoot(renderPrepare("hosttest"));
    for (const user of ["root", "admin"]) assert.equal(await host.onHost(script, user), "ready", user);
    for (const user of ["admin", "root"]) await host.onHost(renderAsRoot(renderUnprepare("hosttest")), user);
    assert.equal(await host.files(), "");
  });

  describe("a jump host", () => {
    const there = () => jump ?? assert.fail("no jump host");
    const behind = (change: object = {}) => {
      const target = host.target({ by: "ssh", user: "root", through: there() });
      return { ...SERVER, host: { ...target, jump: { ...there().target, ...change } } };
    };
    const access = (): Access => ({ by: "ssh", user: "root", through: there() });

    before(async () => {
      jump = await JumpHost.start(host);
    });

    it("is the only way from there to the provisioning host", async () => {
      const { error } = await host.drive("pxe", "create", { ...SERVER, host: host.target() }, access());
      assert.equal(
        error,
        "preparation, provisioning host: expected ssh at root@10.19.0.1:22 but found no answer (ENETUNREACH). Check that provisioning host is up, that 10.19.0.1 is its address, and that nothing blocks port 22. [SSH_UNREACHABLE]",
      );
    });

    it("that is another machine than was pinned is sent nothing, nor is the provisioning host", async () => {
      const { hostKeys } = z.object({ hostKeys: z.array(z.string()) }).parse(host.target());
      const { error } = await host.drive("pxe", "create", behind({ hostKeys }), access());
      assert.match(
        error ?? "",
        /^preparation, jump host of the provisioning host, host key at 10\.119\.0\.1:22: expected SHA256:\S+ but found SHA256:\S+\. Another machine answers at this address, .* Nothing was sent to it\. \[SSH_HOST_KEY\]$/,
      );
    });

    it("that leads elsewhere only is named", async () => {
      const target = { ...behind().host, host: "10.19.0.254" };
      const { error } = await host.drive("pxe", "create", { ...SERVER, host: target }, access());
      assert.equal(
        error,
        "preparation, provisioning host: expected ssh at root@10.19.0.254:22 but found that jump host of the provisioning host does not let connections through to it. Allow it in sshd_config there (`AllowTcpForwarding local`, and 10.19.0.254:22 where `PermitOpen` is set), and in the options of the login key. [SSH_UNREACHABLE]",
      );
    });

    it("is gone through by a stack under the real CLI, too: set up with an image, looked at, taken away", async function () {
      this.timeout(120_000);
      const stack = await RackStack.make(there());
      try {
        stack.declare({ hosttest: host.declared(there()) });
        const text = await stack.up();
        assert.match(
          text,
          /Boot files were fetched on the host itself only: 10\.19\.0\.1 does not answer here by HTTP\./,
        );
        await host.onHost("systemctl stop flint-hosttest-nginx; rm /var/lib/flint/hosttest/http/images/*/initrd");
        const seen = await stack.refresh();
        assert.match(
          seen,
          /warning: provisioning host: nginx: start, not running\. The next `pulumi up` puts it right\.\n/,
        );
        assert.match(seen, /warning: provisioning host: \/images\/[0-9a-f]{16}\/initrd missing\. The next/);
        await stack.pulumi("destroy", "--yes", "--skip-preview");
      } finally {
        stack.remove();
      }
      assert.equal(await host.files(), "");
    });
  });

  for (const { called, jumps, ...way } of WAYS) {
    describe(called, () => {
      const access: Access = { ...way };
      before(async () => {
        if (jumps && jump !== undefined) access.through = jump;
      });

      it("runs commands, writes and reads files as root, ends what it began", async () => {
        const { hostile, ...seen } = (await host.session(access)) as { hostile: string[] };
        assert.deepEqual(seen, {
          echoed: hostile.map((one) => `${one}|`).join(""),
          owner: "root 600\n",
          same: true,
          missing: true,
          whoami: "0\nit's $x",
          copied: true,
          failed:
            "provisioning host, sh: expected success but found exit code 4: two words. " +
            "Look at provisioning host (journalctl -e) for the cause, then run the update again. [SSH_COMMAND]",
          late:
            "provisioning host, nap: expected an end within 2 s but found a command that still runs; it was sent SIGHUP. " +
            "Check what provisioning host is busy with, then run the update again. [SSH_DEADLINE]",
          left: "",
        });
      });

      it("sets the servers up, finds and mends what was changed, and leaves nothing behind", async () => {
        const { error, outs } = await host.drive("pxe", "create", SERVER, access);
        assert.equal(error, undefined);
        assert.deepEqual(outs?.drift, []);
        assert.match((await host.inside("curl", "-sf", "http://10.19.0.1/boot.ipxe")).stdout, /^#!ipxe\n/);

        await host.onHost("systemctl stop flint-hosttest-nginx; rm /var/lib/flint/hosttest/tftp/ipxe.efi");
        assert.deepEqual((await host.drive("pxe", "read", SERVER, access)).props?.drift, [
          "/var/lib/flint/hosttest/tftp/ipxe.efi missing",
          "nginx: start, not running",
        ]);
        assert.equal((await host.drive("pxe", "create", SERVER, access)).error, undefined);
        assert.deepEqual((await host.drive("pxe", "read", SERVER, access)).props?.drift, []);

        assert.deepEqual(await host.drive("pxe", "delete", SERVER, access), {});
        assert.equal(await host.files(), "");
      });
    });
  }

  it("keys of a cluster are kept on the machine itself for root alone, and found by a stack that lost its state", async () => {
    const local: Access = { by: "local", user: "admin" };
    const made = (stack: string) => {
      const [ca, caKey, clientCert, clientKey] = ["ca", "caKey", "clientCert", "clientKey"].map(
        (key) => `${key} ${stack}`,
      );
      const loginKey = { privateKey: `private ${stack}`, publicKey: `public ${stack}` };
      return { sealedBy: "local", loginKey, ca, caKey, clientCert, clientKey };
    };
    const first = await host.drive("keys", "create", made("one"), local);
    assert.deepEqual([first.error, first.outs?.kept, first.outs?.restored], [undefined, true, {}]);
    const kept = "/var/lib/flint/hosttest/keys/cluster.json";
    assert.equal(await host.onHost(`stat -c '%U %a' ${kept}`), "root 600");
    const { sealedBy: _, ...keys } = made("one");
    assert.deepEqual((await host.drive("keys", "create", made("two"), local)).outs?.restored, keys);
    assert.deepEqual(await host.drive("keys", "delete", made("two"), local), {});
    assert.equal(await host.files(), "");
  });

  describe("a host that keeps /etc/systemd/system read-only and has iPXE elsewhere, as NixOS does", () => {
    before(async () => {
      await host.onHost(`mkdir /etc/ipxe && cp -L /usr/lib/ipxe/*.kpxe /usr/lib/ipxe/*.efi /etc/ipxe/
        mount -t tmpfs none /usr/lib/ipxe
        mount --bind /etc/systemd/system /etc/systemd/system
        mount -o remount,ro,bind /etc/systemd/system
        printf 'ID=nixos\\nPRETTY_NAME="NixOS 25.05 (Warbler)"\\n' >/run/release
        mount --bind /run/release "$(readlink -f /etc/os-release)"`);
    });
    const units = "find /etc/systemd /run/systemd/system -name '*flint*'; ls -d /etc/systemd/system.attached";

    it("is told what its configuration lacks", async () => {
      await host.onHost("mv /etc/ipxe/undionly.kpxe /etc/ipxe/aside");
      const { error } = await host.drive("pxe", "create", SERVER);
      await host.onHost("mv /etc/ipxe/aside /etc/ipxe/undionly.kpxe");
      assert.match(
        error ?? "",
        /but found \/usr\/lib\/ipxe\/undionly\.kpxe missing on NixOS 25\.05 \(Warbler\)\. Put them into the host's configuration and switch it: `environment\.systemPackages = .* \[PXE_HOST_INCOMPLETE\]$/,
      );
    });

    it("gets units that start with it, beside its own configuration", async () => {
      const { error } = await host.drive("pxe", "create", SERVER);
      assert.equal(error, undefined);
      assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, []);
      const wanted = await host.onHost("systemctl show -p Wants --value multi-user.target");
      for (const unit of ["flint-hosttest-dnsmasq.service", "flint-hosttest-nginx.service"])
        assert.ok(wanted.split(" ").includes(unit), wanted);
      await host.onHost("rm /etc/systemd/system.attached/multi-user.target.wants/flint-hosttest-nginx.service");
      assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, ["nginx: enable, not enabled"]);
      assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
      assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, []);
    });

    it("is left without a trace", async () => {
      assert.deepEqual(await host.drive("pxe", "delete", SERVER), {});
      assert.equal(await host.onHost(`${units} 2>/dev/null; true`), "");
      // systemd forgets units that have gone in its own time.
      const known = "systemctl list-units --all --plain --no-legend 'flint-*'";
      const reason = "systemd to forget the units";
      let left = "";
      const forgotten = async () => {
        left = await host.onHost(known);
        return left === "" || undefined;
      };
      await waitUntil(forgotten, { reason, deadlineMs: 90_000, remedy: "", lastSeen: () => left });
    });
  });
});
