import assert from "node:assert/strict";
import { sshFiles } from "../../../lab/rack/ssh-access.js";

describe("rack ssh", () => {
  const stack = {
    members: {
      node01: { addresses: { provisioning: "10.0.100.50" }, sshHostKey: "ssh-ed25519 AAAA1\n" },
      node02: { addresses: { provisioning: "10.0.100.51" }, sshHostKey: "ssh-ed25519 AAAA2" },
    },
    clusterInfo: { domain: "dev.example.com", loginKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nx" },
  };

  it("logs in by name, full name or address, with the stack's key and no other", () => {
    assert.equal(
      sshFiles(stack, "/rack/ssh").ssh_config,
      `Host node01 node01.dev.example.com 10.0.100.50
  HostName 10.0.100.50
Host node02 node02.dev.example.com 10.0.100.51
  HostName 10.0.100.51
Host *
  User root
  IdentityFile /rack/ssh/login
  IdentitiesOnly yes
  UserKnownHostsFile /rack/ssh/known_hosts
  StrictHostKeyChecking yes
  LogLevel ERROR
`,
    );
    assert.equal(sshFiles(stack, "/rack/ssh").login, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n");
  });

  it("trusts each machine's own host key only", () => {
    assert.equal(
      sshFiles(stack, "/rack/ssh").known_hosts,
      "10.0.100.50 ssh-ed25519 AAAA1\n10.0.100.51 ssh-ed25519 AAAA2\n",
    );
  });
});
