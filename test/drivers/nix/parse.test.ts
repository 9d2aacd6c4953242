import assert from "node:assert/strict";
import { installable, overrides, readNixEvent } from "../../../drivers/nix/flake.js";
import { parseStep, STEP_TEXT } from "../../../drivers/nix/parse-steps.js";

describe("nix driver: what the tools say", () => {
  // nixos-anywhere 1.13, in the order of a run.
  const steps: [string, string | undefined][] = [
    ["### Uploading install SSH keys ###", "preparing the installer"],
    ["### Gathering machine facts ###", "gathering facts"],
    ["### Building disko script ###", "copying the disk script"],
    ["### Formatting hard drive with disko ###", "formatting the disk"],
    ["### Uploading the system closure ###", "copying the system"],
    ["### Copying extra files ###", "copying secrets"],
    ["### Installing NixOS ###", "installing the bootloader"],
    ["### Rebooting ###", "rebooting"],
    ["### Done! ###", "installed"],
    ["### Switching system into kexec ###", undefined],
    ["### Waiting for the machine to become unreachable due to reboot ###", undefined],
    ["installing the boot loader...", undefined],
    ["## Rebooting ##", undefined],
    ["", undefined],
  ];
  for (const [line, text] of steps)
    it(`nixos-anywhere: "${line}"`, () => {
      const step = parseStep(line);
      assert.equal(step && STEP_TEXT[step], text);
    });

  const STORE = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz";
  const nix = (event: object) => `@nix ${JSON.stringify(event)}`;
  const events: [string, string, object][] = [
    [
      "a build",
      nix({ action: "start", id: 1, level: 3, type: 105, text: `building '${STORE}-nixos-system-node01.drv'` }),
      { progress: "building nixos-system-node01.drv" },
    ],
    [
      "a copy",
      nix({ action: "start", type: 100, text: `copying path '${STORE}-bash' from 'https://cache.nixos.org'` }),
      { progress: "copying path bash from 'https://cache.nixos.org'" },
    ],
    [
      "a download",
      nix({ action: "start", type: 101, text: "downloading 'https://cache.nixos.org/nar/x.nar.xz'" }),
      { progress: "downloading 'https://cache.nixos.org/nar/x.nar.xz'" },
    ],
    [
      "an error, without its colours",
      nix({ action: "msg", level: 0, msg: "\u001b[31;1merror:\u001b[0m undefined variable 'x'" }),
      { message: "error: undefined variable 'x'" },
    ],
    ["a warning", nix({ action: "msg", level: 1, msg: "warning: x" }), { message: "warning: x" }],
    ["information", nix({ action: "msg", level: 3, msg: "evaluating" }), {}],
    ["another activity", nix({ action: "start", type: 0, text: "x" }), {}],
    ["an end", nix({ action: "stop", id: 1 }), {}],
    ["broken JSON", "@nix {", {}],
    ["a line that is no event", "bash: nix: command not found", { message: "bash: nix: command not found" }],
    ["an empty line", " ", {}],
  ];
  for (const [title, line, event] of events) it(`nix: ${title}`, () => assert.deepEqual(readNixEvent(line), event));

  it("directories become path: references, flake references stay", () => {
    const attribute = "packages.x86_64-linux.netboot-worker";
    assert.equal(installable({ flake: "/srv/flake", inputs: {} }, attribute), `path:/srv/flake#${attribute}`);
    assert.equal(installable({ flake: "github:owner/name", inputs: {} }, "x"), "github:owner/name#x");
    assert.deepEqual(overrides({ flint: "/srv/flint", nixpkgs: "github:NixOS/nixpkgs" }), [
      "--override-input",
      "flint",
      "path:/srv/flint",
      "--override-input",
      "nixpkgs",
      "github:NixOS/nixpkgs",
    ]);
  });
});
