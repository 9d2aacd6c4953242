/** What a service answers to a request. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** JSON, or bytes as they are. */
  body: Buffer | object;
}

/** A request as a service sees it. */
export interface Question {
  method: string;
  /** Decoded, without the query. */
  path: string;
  /** As it was sent. */
  rawPath: string;
  query: URLSearchParams;
  body: Buffer;
  /** Of the verified client certificate; undefined when there is none. */
  caller: Caller | undefined;
}

/** Who calls, and whether the administration and the keys are for them. */
export interface Caller {
  name: string;
  allowed: boolean;
}

/** `{"error": …}`. A 503 asks the caller to come back in a second. */
export function problem(status: number, error: string): Answer {
  return { status, body: { error }, ...(status === 503 ? { headers: { "Retry-After": "1" } } : {}) };
}
