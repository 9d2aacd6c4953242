import assert from "node:assert/strict";
import { ADDRESS, BEGUN, DISCOVER, dhcp, http, IPXE_ACK, OFFER, of, TO_ACK, tftp, UEFI_HTTP, WATCH } from "./sights.js";

describe("BareMetalNode: why a machine does not come", () => {
  it("where DHCP is another server's, its silence here says nothing of it", () => {
    const external = { ...WATCH, externalDhcp: true } as const;
    assert.deepEqual(of([], { power: "on" }, external), {
      cause: "no-dhcp-request",
      found: "no request for a boot file; DHCP is another server's and not seen here",
      remedy:
        "Look for MAC 52:54:00:00:00:01 in the DHCP server's log. If it asked there, give that server the entries of " +
        "`pulumi stack output dhcpOptions`; if not, check link and VLAN of the card, and that the firmware boots from it.",
    });
    assert.equal(
      of([], { link: "down" }, external).found,
      "no request for a boot file; DHCP is another server's and not seen here; the card has no link, as its BMC says",
    );
    assert.equal(of([tftp(true)], {}, external).cause, "ipxe-not-started", "what is seen here counts as ever");
  });

  describe("a machine that is told to boot by UEFI HTTP boot", () => {
    const watch = { ...WATCH, networkBoot: "uefi-http" } as const;
    const ack = dhcp("DHCPACK", { ...UEFI_HTTP, address: ADDRESS });
    const bootFile = http("/boot/snponly.efi", 200, 200_000);

    it("and is silent, is asked to have it enabled", () => {
      assert.equal(
        of([], {}, watch).remedy,
        "Check the link and VLAN of the card with MAC 52:54:00:00:00:01, that its switch port forwards at once (an edge port of the spanning tree), and that UEFI HTTP boot over IPv4 is enabled for it in the firmware's setup.",
      );
    });

    it("and takes another server's offer, is not sent to mode proxy, which knows no such boot", () => {
      assert.equal(
        of([DISCOVER, OFFER], { otherServers: ["10.0.100.254"] }, watch).remedy,
        "The other server won: switch it off on this network, or set pxe.dhcp.mode: external, with which it gives out the boot files, too.",
      );
    });

    it("and asks by PXE, is told besides what stopped it", () => {
      assert.equal(
        of([...TO_ACK, BEGUN, tftp(false)], {}, watch).found,
        "TFTP began to send snponly.efi and stopped; nothing since 9 s; its firmware asked as x86-64 UEFI (7), not by UEFI HTTP boot as it was told to",
      );
    });

    it("and does, is told as any other: iPXE asks as PXE then", () => {
      assert.equal(
        of([ack, bootFile], {}, watch).found,
        "the boot file snponly.efi was sent, but iPXE asked for no script; nothing since 9 s",
      );
      assert.equal(
        of([ack, bootFile, dhcp("DHCPDISCOVER", { asker: "ipxe", architecture: 7 }), IPXE_ACK], {}, watch).found,
        "iPXE is up, but fetched no boot.ipxe; nothing since 9 s",
      );
    });
  });

  it("a ProxyDHCP offer that was not asked about is one that was not taken", () => {
    assert.equal(of([dhcp("PXE")]).cause, "offer-not-accepted");
    assert.equal(of([dhcp("PXE"), dhcp("PXE", { address: ADDRESS })]).cause, "boot-file-not-asked");
    assert.equal(
      of([dhcp("PXE")], { otherServers: ["10.0.100.254"] }).found,
      "an offer, which the machine did not take; nothing since 9 s",
      "the server that gives out the addresses is no rival",
    );
  });

  it("a newer iPXE that looks for its autoexec.ipxe runs, whether it is there or not", () => {
    const file = "/var/lib/flint/dev/tftp/autoexec.ipxe";
    for (const more of [{ ok: true }, { ok: false, missing: true as const }])
      assert.equal(of([...TO_ACK, { kind: "tftp", file, address: ADDRESS, ...more }]).cause, "no-script");
  });
});
