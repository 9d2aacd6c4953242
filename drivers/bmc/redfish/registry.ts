/**
 * Keys of the Base message registry (DSP8011, https://redfish.dmtf.org/registries/) that BMCs send without a text when they
 * refuse power, boot or a login, as sentences that stand in front of the message's arguments.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  ActionNotSupported: "There is no such action here",
  ActionParameterMissing: "The action lacks a parameter",
  ActionParameterNotSupported: "The action takes no such parameter",
  ActionParameterUnknown: "The action knows no such parameter",
  ActionParameterValueNotInList: "The action takes no such value",
  GeneralError: "The BMC names no reason",
  InsufficientPrivilege: "The account may not do this",
  InternalError: "The BMC itself failed",
  MalformedJSON: "The BMC could not read the request",
  NoValidSession: "There is no valid session",
  OperationNotAllowed: "This is not allowed here",
  OperationTimeout: "The BMC did not get through in time",
  PreconditionFailed: "Somebody else changed it meanwhile",
  PreconditionRequired: "The BMC wants an ETag with the change",
  PropertyMissing: "A property is missing",
  PropertyNotWritable: "The property cannot be changed",
  PropertyUnknown: "There is no such property here",
  PropertyValueConflict: "The values do not go together",
  PropertyValueFormatError: "The value has another form than the property",
  PropertyValueNotInList: "The property takes no such value",
  PropertyValueTypeError: "The value is of another type than the property",
  ResourceAtUriUnauthorized: "User or password is wrong",
  ResourceInStandby: "The machine is in standby",
  ResourceInUse: "Something else is being changed",
  ResourceMissingAtURI: "There is nothing at this address",
  ResourceNotFound: "There is no such resource",
  ServiceInUnknownState: "The BMC does not know its own state: reset it",
  ServiceShuttingDown: "The BMC is restarting",
  ServiceTemporarilyUnavailable: "The BMC is busy",
  SessionLimitExceeded: "All sessions of the BMC are taken",
};

/** `iLO.2.37.PropertyNotWritableOrUnknown` → `Property not writable or unknown`; an id without words stays as it is. */
export function wordsOf(messageId: string): string {
  const key = messageId.slice(messageId.lastIndexOf(".") + 1);
  const known = Object.hasOwn(SENTENCES, key) ? SENTENCES[key] : undefined;
  if (known !== undefined) return known;
  const words = key.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+/g) ?? [];
  if (words.length < 2 || !/^[A-Z][a-z]/.test(key)) return `message ${messageId}`;
  return words.map((word, at) => (at === 0 || /^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase())).join(" ");
}
