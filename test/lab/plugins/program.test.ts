// limit: 960 s
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../../..");

const program = (uses: string) => `
const tls = require("@pulumi/tls");
const { local } = require("@pulumi/command");
const P256 = { algorithm: "ECDSA", ecdsaCurve: "P256" };
const caKey = new tls.PrivateKey("ca", P256);
const ca = new tls.SelfSignedCert("ca", { privateKeyPem: caKey.privateKeyPem, subject: { commonName: "dev ca" },
  isCaCertificate: true, allowedUses: ["cert_signing"], validityPeriodHours: 24 });
const key = new tls.PrivateKey("node01", P256);
const request = new tls.CertRequest("node01", { privateKeyPem: key.privateKeyPem, dnsNames: ["node01.dev"] });
const cert = new tls.LocallySignedCert("node01", { caCertPem: ca.certPem, caPrivateKeyPem: caKey.privateKeyPem,
  certRequestPem: request.certRequestPem, allowedUses: ${uses}, validityPeriodHours: 24 });
const hook = new local.Command("hook", { create: "openssl x509 -noout -ext extendedKeyUsage | tail -n 1",
  stdin: cert.certPem, delete: "touch deleted" });
module.exports = { ca: ca.certPem, cert: cert.certPem, key: key.privateKeyPem, uses: hook.stdout };
`;

describe("a program with keys, certificates and a command, under the real CLI and the stand-in plugins", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "flint-plugins-program-"));
  const home = join(folder, "home");
  const project = join(folder, "project");
  const env = {
    ...process.env,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };

  /** Runs the CLI in `project`, at most two minutes. */
  const pulumi = (...args: string[]) =>
    new Promise<string>((done, fail) => {
      const options = { cwd: project, env, timeout: 120_000, killSignal: "SIGKILL" as const };
      execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout, stderr) =>
        error ? fail(new Error(`${error.message}\n${stdout}\n${stderr}`)) : done(stdout),
      );
    });

  before(async () => {
    for (const path of [project, join(folder, "state")]) mkdirSync(path, { recursive: true });
    execFileSync(join(root, "scripts/install-plugins"), ["--stand-in", home]);
    writeFileSync(join(project, "Pulumi.yaml"), "name: plugins\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(project, "package.json"), '{ "name": "plugins", "main": "index.js" }\n');
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    writeFileSync(join(project, "index.js"), program('["server_auth"]'));
    await pulumi("stack", "init", "t");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const outputs = async (): Promise<Record<string, string>> =>
    JSON.parse(await pulumi("stack", "output", "--json", "--show-secrets"));

  it("up makes a chain that openssl accepts; a second preview has no change", async () => {
    await pulumi("up", "--yes", "--skip-preview");
    const { ca = "", cert = "", key = "", uses } = await outputs();
    assert.equal(uses?.trim(), "TLS Web Server Authentication");
    for (const [name, text] of Object.entries({ ca, cert, key })) writeFileSync(join(folder, `${name}.pem`), text);
    const verified = execFileSync("openssl", ["verify", "-CAfile", "ca.pem", "cert.pem"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(verified, "cert.pem: OK\n");
    await pulumi("preview", "--expect-no-changes");
  });

  it("no private key is in the state in clear", async () => {
    const { key = "" } = await outputs();
    const line = key.split("\n")[1] ?? "";
    assert.notEqual(line, "");
    const state = readFileSync(join(folder, "state/.pulumi/stacks/plugins/t.json"), "utf8");
    assert.equal(state.includes(line), false);
    assert.equal(state.includes("dev ca") || state.includes("BEGIN CERTIFICATE"), true);
  });

  it("another use of the certificate replaces it, keeps its key, and runs the command again", async () => {
    const before = await outputs();
    writeFileSync(join(project, "index.js"), program('["client_auth"]'));
    const preview = JSON.parse(await pulumi("preview", "--json"));
    assert.deepEqual(preview.changeSummary, { replace: 1, same: 5, update: 1 });
    await pulumi("up", "--yes", "--skip-preview");
    const after = await outputs();
    assert.equal(after.key, before.key);
    assert.notEqual(after.cert, before.cert);
    assert.equal(after.uses?.trim(), "TLS Web Client Authentication");
  });

  it("destroy runs the command's delete and leaves nothing", async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(existsSync(join(project, "deleted")), true);
    assert.deepEqual(JSON.parse(await pulumi("stack", "export")).deployment.resources ?? [], []);
  });
});
