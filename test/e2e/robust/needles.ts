/** Pieces of secrets by which they are known again, wherever and in whatever wrapping they turn up. */
export class Needles {
  private readonly pieces = new Map<string, string>();

  /** A password: as it is. */
  add(name: string, text: string): void {
    this.pieces.set(text, name);
  }

  /** What has a name already keeps it. A private key: the lines that hold its private part, which no certificate and no public key repeats. */
  addKey(name: string, pem: string): void {
    const lines = pem.trim().split("\n").slice(1, -1);
    // OpenSSH's form begins with the public half.
    const secret = pem.includes("OPENSSH") ? lines.slice(2, -1) : lines.slice(0, 2);
    if (secret.length === 0) throw new Error(`${name} has no line that is its own`);
    for (const line of secret) if (!this.pieces.has(line)) this.pieces.set(line, name);
  }

  get names(): string[] {
    return [...new Set(this.pieces.values())].sort();
  }

  /** Names of the secrets in a text. */
  in(text: string): string[] {
    const found = [...this.pieces].filter(([piece]) => text.includes(piece)).map(([, name]) => name);
    return [...new Set(found)].sort();
  }
}
