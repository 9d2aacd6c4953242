import { connect } from "node:net";

/** Whether something accepts TCP connections there, within `ms` (default 400). */
export function portAnswers(host: string, port: number, ms = 400): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ms });
    const finish = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => finish(true));
    socket.once("timeout", () => finish(false));
    socket.once("error", () => finish(false));
  });
}
