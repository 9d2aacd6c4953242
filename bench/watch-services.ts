import { Agent, request } from "undici";

// Runs in the rack's network beside `pulumi up`. Prints "<node> <milliseconds>" when all four services of a node answer
// 200, to a second: asking more often would slow emulated machines down. Certificates are not verified here: only the
// time is of interest, and the CA does not exist yet at the start.
const PORTS = [2379, 2479, 8080, 8081];
const dispatcher = new Agent({ connect: { rejectUnauthorized: false, timeout: 1000 } });

async function healthy(address: string): Promise<boolean> {
  const answers = await Promise.all(
    PORTS.map((port) =>
      request(`https://${address}:${port}/health`, { dispatcher, signal: AbortSignal.timeout(2000) }).then(
        async (answer) => {
          await answer.body.dump();
          return answer.statusCode === 200;
        },
        () => false,
      ),
    ),
  );
  return answers.every(Boolean);
}

async function watch(node: string): Promise<void> {
  const address = `10.0.100.${49 + Number(node.slice(-1))}`;
  while (!(await healthy(address))) await new Promise((again) => setTimeout(again, 1000));
  process.stdout.write(`${node} ${Date.now()}\n`);
}

for (const node of process.argv.slice(2)) void watch(node);
