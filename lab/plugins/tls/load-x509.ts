/** Loads the certificate library when the first certificate is made: a preview without a change never needs it. */
export async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("./reflect-metadata.js");
  return await import("@peculiar/x509");
}
