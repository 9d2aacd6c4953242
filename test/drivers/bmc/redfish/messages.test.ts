import assert from "node:assert/strict";
import fc from "fast-check";
import { hasMessage, refusalText } from "../../../../drivers/bmc/redfish/messages.js";
import { wordsOf } from "../../../../drivers/bmc/redfish/registry.js";
import { driverContext } from "../context.js";
import { PlainService } from "./plain-service.js";
import { hpe } from "./vendors/hpe.js";
import { vendorBench } from "./vendors/service.js";

const extended = (...info: object[]) => ({
  error: {
    code: "iLO.0.10.ExtendedInfo",
    message: "See @Message.ExtendedInfo for more information.",
    "@Message.ExtendedInfo": info,
  },
});

describe("what a BMC says about a refusal", () => {
  it("is taken from the extended info first", () => {
    const body = extended({ MessageId: "Base.1.8.PropertyValueNotInList", Message: "The value\n Foo is not allowed." });
    assert.equal(refusalText(400, body), "HTTP 400: The value Foo is not allowed.");
    assert.ok(hasMessage(body, "PropertyValueNotInList"));
    assert.ok(!hasMessage(body, "NotInList"));
  });

  it("is put into words where it is the key of a message only, with the message's arguments", () => {
    const said = (...info: object[]) => refusalText(400, extended(...info));
    assert.equal(
      said({ MessageId: "iLO.2.37.PropertyNotWritableOrUnknown", MessageArgs: ["BootSourceOverrideMode"] }),
      "HTTP 400: Property not writable or unknown: BootSourceOverrideMode.",
    );
    assert.equal(
      said({ MessageId: "iLO.2.37.UnableToModifyDuringSystemPOST" }),
      "HTTP 400: Unable to modify during system POST.",
    );
    assert.equal(
      said({ MessageId: "Base.1.4.PropertyNotWritable", MessageArgs: ["BootSourceOverrideMode"] }),
      "HTTP 400: The property cannot be changed: BootSourceOverrideMode.",
    );
    assert.equal(
      said({ MessageId: "Base.1.18.ActionParameterValueNotInList", Message: "", MessageArgs: ["Foo", 7, "Reset"] }),
      "HTTP 400: The action takes no such value: Foo, 7, Reset.",
    );
    assert.equal(said({ MessageId: "IDRAC.2.8.SYS410" }), "HTTP 400: message IDRAC.2.8.SYS410.");
    assert.equal(
      said({ MessageId: "Base.1.4.GeneralError", Message: null, MessageArgs: null }, { MessageId: 7 }),
      "HTTP 400: The BMC names no reason.",
    );
  });

  it("comes with the BMC's own advice, unless that is none, or for programs", () => {
    const said = (Resolution: string | null, Message?: string) =>
      refusalText(400, extended({ MessageId: "iLO.2.37.InvalidOperationForSystemState", Message, Resolution }));
    const words = "HTTP 400: Invalid operation for system state.";
    assert.equal(said("Wait for the end of POST."), `${words} Wait for the end of POST.`);
    assert.equal(said("Wait for the end of POST.", "Not now"), "HTTP 400: Not now. Wait for the end of POST.");
    for (const none of [
      "None",
      "None.",
      "",
      null,
      "Remove the property from the request body and resubmit the request.",
    ])
      assert.equal(said(none), words, String(none));
  });

  it("is the status when there is nothing else", () => {
    assert.equal(refusalText(500, undefined), "HTTP 500");
    assert.equal(refusalText(500, { error: {} }), "HTTP 500");
    assert.equal(refusalText(400, { error: { message: "No." } }), "HTTP 400: No.");
    assert.equal(
      refusalText(503, { error: { code: "Base.1.0.ServiceShuttingDown" } }),
      "HTTP 503: The BMC is restarting.",
    );
  });

  it("keeps every letter of a key that it does not know", () => {
    const word = fc.stringMatching(/^[A-Z][a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 6 }), (words) => {
        const key = `Xx${words.join("")}`;
        assert.equal(wordsOf(`iLO.2.37.${key}`), `Xx ${words.join(" ").toLowerCase()}`);
      }),
    );
  });

  it("is told to the user of an HPE iLO that refuses a boot source", async () => {
    const refusal = extended({ MessageId: "iLO.2.37.PropertyNotWritableOrUnknown", MessageArgs: ["Boot"] });
    await using bench = await vendorBench({ ...hpe, refuse: () => ({ status: 400, body: refusal }) });
    const bmc = await bench.open(driverContext());
    await assert.rejects(bmc.setBootOnce("pxe", "uefi"), {
      code: "BMC_REFUSED",
      message:
        /: expected boot from pxe to be accepted but found HTTP 400: Property not writable or unknown: Boot\. See what the BMC says above; /,
    });
    await bmc.close();
  });

  it("is told of a task that failed, too", async () => {
    await using service = new PlainService();
    const task = "/redfish/v1/TaskService/Tasks/7";
    service.resources["/redfish/v1/Systems/1"] = { Boot: { BootSourceOverrideEnabled: "Disabled" } };
    service.resources[task] = {
      TaskState: "Exception",
      Messages: [{ MessageId: "Base.1.8.ResourceInUse" }, { MessageId: "Base.1.8.InternalError" }],
    };
    service.change = () => ({ status: 202, headers: { location: task, "retry-after": "0" } });
    await assert.rejects((await service.open()).setBootOnce("pxe", "uefi"), {
      code: "BMC_REFUSED",
      found: "task Exception: Something else is being changed. The BMC itself failed.",
    });
  });
});
