/** A JSON object as Redfish sends it. */
export type Resource = Record<string, unknown>;

/** What a handler answers; `body` undefined sends none. */
export interface Answer {
  status: number;
  body?: Resource;
  headers?: Record<string, string>;
}

/** Message keys of the Base registry that this service uses, with the text's fixed part. */
const MESSAGES = {
  ResourceMissingAtURI: "The resource at the URI was not found",
  NoValidSession: "There is no valid session established with the implementation",
  ResourceAtUriUnauthorized: "The credentials included with this request are missing or invalid",
  MalformedJSON: "The request body submitted was malformed JSON and could not be parsed",
  PropertyValueNotInList: "The value for the property is not in the list of acceptable values",
  PropertyUnknown: "The property is not in the list of valid properties for the resource",
  PropertyNotWritable: "The property is a read only property and cannot be assigned a value",
  PropertyValueTypeError: "The value for the property is of a different type than the property can accept",
  ActionNotSupported: "The action is not supported by the resource",
  ActionParameterValueNotInList: "The value for the action's parameter is not in the list of acceptable values",
  PreconditionFailed: "The ETag supplied did not match the ETag required to change this resource",
  PreconditionRequired: "A precondition header or annotation is required to change this resource",
  OperationNotAllowed: "The HTTP method is not allowed on this resource",
  ServiceTemporarilyUnavailable: "The service is temporarily unavailable",
  InternalError: "The request failed due to an internal service error",
  GeneralError: "A general error has occurred",
} as const;
export type MessageKey = keyof typeof MESSAGES;

/** An error in the form of DSP0266 with `@Message.ExtendedInfo`. */
export function failure(status: number, key: MessageKey, about = "", headers?: Record<string, string>): Answer {
  const messageId = `Base.1.8.${key}`;
  const text = about === "" ? `${MESSAGES[key]}.` : `${MESSAGES[key]}: ${about}.`;
  const info = {
    "@odata.type": "#Message.v1_1_1.Message",
    MessageId: messageId,
    Message: text,
    MessageArgs: about === "" ? [] : [about],
    Severity: "Critical",
    Resolution: "None.",
  };
  return {
    status,
    headers,
    body: { error: { code: messageId, message: text, "@Message.ExtendedInfo": [info] } },
  };
}

export function link(path: string): Resource {
  return { "@odata.id": path };
}

export function collection(path: string, type: string, members: readonly string[]): Resource {
  return {
    "@odata.id": path,
    "@odata.type": `#${type}Collection.${type}Collection`,
    Name: `${type} Collection`,
    "Members@odata.count": members.length,
    Members: members.map(link),
  };
}
