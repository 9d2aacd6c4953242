import { StringDecoder } from "node:string_decoder";

/** Calls back with each complete line, without its line end, and at the end with what is left without a line feed. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
    },
    end() {
      rest += decoder.end();
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
